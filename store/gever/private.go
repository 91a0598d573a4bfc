package gever

// privateTypes are the private area (gever.md 2.7). Only the names are known of
// them: the rest is decided.
var privateTypes = []*Type{
	{
		Name: PrivateRootType, Title: "Private Ablage", Folderish: true, Add: AddRoot, Workflow: fixed("repositoryroot-state-active"), FixedID: "private", Once: true,
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{PrivateFolderType},
	},
	{
		Name: PrivateFolderType, Title: "Persönliche Ablage", Folderish: true, Add: AddPrivate, Workflow: fixed("folder-state-active"),
		IDFields: []string{"userid"}, Once: true, Owner: "userid",
		Fields: join(
			[]Field{required(text("title", "Titel")), blank(lines("description", "Beschreibung"))},
			writtenBy(Entrust, Field{Name: "userid", Title: "Wem die Ablage gehört", Kind: User, Required: true, OnCreate: true, Default: Caller})),
		Computed: append([]string{"changed", "creator", "reference_number"}, common...), Contains: []string{PrivateDossierType},
	},
	{
		Name: PrivateDossierType, Title: "Privates Dossier", Folderish: true, Add: AddContent, Workflow: privateDossierWorkflow, Sequence: "dossier", Dossier: true,
		Fields: join(
			dossierBegin,
			[]Field{
				{Name: "responsible", Title: "Federführung", Kind: User, Required: true, Default: Caller},
				{Name: "relatedDossier", Title: "Verwandte Dossiers", Kind: Relation, Types: []string{DossierType, PrivateDossierType}, Empty: emptyList},
			},
			dossierRest),
		Computed: append([]string{
			"back_references_relatedDossier", "blocked_local_roles", "changed", "email", "has_pending_jobs", "is_subdossier", "reference_number", "responses",
			"sequence_number", "touched",
		}, common...),
		Contains: []string{PrivateDossierType, DocumentType, MailType},
	},
}
