# Logs in and reads the own projects with a client that openapi-generator made
# from the served document.
require 'base64'
require 'json'
require 'vemap_client'
require 'walk'

Walk.main('vemap', VemapClient) do |api|
  api.config.username = 'manager@demo.example'
  api.config.password = 'Demo-Manager-1!'
  login = VemapClient::AuthenticatieApi.new(api).login.data
  token = login.authentication_result.access_token
  user = JSON.parse(Base64.urlsafe_decode64(token.split('.')[1]))['sub']
  api.config.access_token = token
  projects = VemapClient::ProjectenApi.new(api).get_projects(login.tenants.keys.first.to_s, user, 'ROLE_MANAGER').data
  Walk.want(!projects.empty? && projects.first.is_a?(VemapClient::Project), projects.inspect)
  "logged in, #{projects.size} projects read"
end
