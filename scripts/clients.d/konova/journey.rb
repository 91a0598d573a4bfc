# Adds and removes an intervention with a client that openapi-generator made
# from the served document.
require 'konova_client'
require 'walk'

Walk.main('konova', KonovaClient) do |api|
  api.config.api_key = { 'Kspuser' => 'demo', 'Ksptoken' => 'demo-ksp-token' }
  interventions = KonovaClient::InterventionApi.new(api)
  made = interventions.create_intervention(
    KonovaClient::InterventionInput.new(properties: KonovaClient::InterventionInputProperties.new(title: 'Von einem Ruby-Client'))
  ).id
  read = interventions.get_intervention(made).results.fetch(made)
  Walk.want(read.properties.title == 'Von einem Ruby-Client', read.inspect)
  Walk.want(interventions.delete_intervention(made).success, 'not removed')
  'an intervention added, read and removed'
end
