# Logs in, makes a dossier and reads where it lies, with a client that
# openapi-generator made from the served document. It sends the last of several
# possible credentials: the token, not Basic.
require 'gever_client'
require 'walk'

Walk.main('gever', GeverClient) do |api|
  login = GeverClient::AnmeldungApi.new(api).login(request_body: { login: 'john.doe', password: 'Demo-Gever-1!' })
  api.config.access_token = login.token
  objects = GeverClient::OperationenApi.new(api)
  _, status, headers = objects.create_object_with_http_info(
    'ordnungssystem/fuehrung',
    GeverClient::DossierCreate.new(type: 'opengever.dossier.businesscasedossier', title: 'Vom Ruby-Client', responsible: 'john.doe')
  )
  Walk.want(status == 201, "status #{status}")
  path = headers['Location'].delete_prefix("#{api.config.base_url}/")
  workflow = GeverClient::WorkflowApi.new(api).get_workflow(path)
  Walk.want(!workflow.transitions.empty?, workflow.inspect)
  "a dossier made, #{workflow.transitions.size} transitions read"
end
