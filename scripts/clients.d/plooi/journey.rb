# Takes a token and has it checked, with a client that openapi-generator made
# from the served document.
require 'plooi_client'
require 'walk'

Walk.main('plooi', PlooiClient) do |api|
  token = PlooiClient::AuthenticatieApi.new(api).get_testtoken('gemeente Alkmaar', 'Publisher Basis').access_token
  api.config.access_token = token
  begin
    PlooiClient::MetadataApi.new(api).get_metadata('00000000-0000-0000-0000-000000000000')
    raise 'metadata of nothing'
  rescue PlooiClient::ApiError => e
    Walk.want(e.code == 404, "metadata of nothing: #{e.code}")
  end
  'a token taken, one refusal understood'
end
