# Logs in and makes a dossier as the running system answers: with the object, in
# which each choice has its title. With a client that openapi-generator made from
# the live document; it has no type for one of several, so the answer is read as
# what it is.
require 'gever_live_client'
require 'walk'

Walk.main('gever-live', GeverLiveClient) do |api|
  login = GeverLiveClient::AnmeldungApi.new(api).login(request_body: { login: 'john.doe', password: 'Demo-Gever-1!' })
  api.config.access_token = login.token
  made, status, headers = GeverLiveClient::OperationenApi.new(api).create_object_with_http_info(
    'ordnungssystem/fuehrung',
    GeverLiveClient::DossierCreate.new(type: 'opengever.dossier.businesscasedossier', title: 'Vom Ruby-Client', responsible: 'john.doe'),
    return_type: 'Dossier'
  )
  Walk.want(status == 201 && made.id == headers['Location'], "#{status} #{made.inspect}")
  Walk.want(made.classification.title == 'Nicht klassifiziert' && made.custody_period.token == '30', made.inspect)
  Walk.want(made.responsible.title == 'Doe John (john.doe)' && made.parent.title == '1. Führung', made.inspect)
  'a dossier made, and read from the answer'
end
