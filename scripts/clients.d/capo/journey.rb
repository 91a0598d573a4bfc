# Reads what is to be delivered with a client that openapi-generator made from
# the served document. Its Project is of no use: it holds a null against the
# pattern of the value that may be null.
require 'capo_client'
require 'walk'

Walk.main('capo', CapoClient) do |api|
  api.config.access_token = 'demo-capo-aan-1'
  assigned = CapoClient::AlleProjectenApi.new(api).list_bijlage_assigned
  Walk.want(!assigned.empty? && assigned.all?(CapoClient::BijlageAssigned), assigned.inspect)
  "#{assigned.size} containers read"
end
