package control

import "slices"

// IAM is the package of tests that need a stack whose emulator enforces IAM policies.
const IAM = "./tests/iam"

// Packages whose tests prove controls.
const (
	infra         = "./infra"
	alert         = "./infra/dashboards/alert"
	caller        = "./shared/caller"
	signing       = "./shared/caller/signing"
	limit         = "./shared/durable/limit"
	awsclient     = "./shared/function/awsclient"
	httpapi       = "./shared/function/httpapi"
	credential    = "./shared/caller/credential"
	strictjson    = "./shared/strictjson"
	gst           = "./shared/gst"
	events        = "./events"
	issueToken    = "./functions/issue-token"
	managePrivacy = "./functions/manage-privacy"
	erasure       = "./shared/erasure"
	export        = "./shared/export"
	retention     = "./shared/retention"
	sealed        = "./shared/audit/seal"
	receipts      = "./shared/audit/receipt"
	idempotency   = "./shared/durable/idempotency"
	serveAPI      = "./functions/serve-api"
	operations    = "./shared/operations"
	contract      = "./tests/contract"
	integration   = "./tests/integration" // needs a running stack
)

// All returns the controls in their order.
func All() []Control {
	return []Control{
		{
			1, "TLS 1.3 alone at the edge", "ASVS 12.1.1, 12.2.1",
			in(infra, "TestEdgeSpeaksTLS13Alone"), "",
		},
		{
			2, "TLS 1.3 to AWS; nothing in clear", "ASVS 12.3.1; SQS4",
			slices.Concat(
				in(awsclient, "TestOldTLSIsRefused", "TestPlainHTTPIsForLoopbackAlone"), in(infra, "TestOthersMayOnlyTrigger"),
			), "",
		},
		{
			3, "Callers are known", "ASVS 9.1, 9.2, 10.3; API2",
			slices.Concat(
				in(caller, "TestForgeries", "FuzzVerify", "TestGuard"), in(httpapi, "TestRoutesFailClosed"),
				in(infra, "TestNoMethodIsPublic", "TestLocalDeploymentIsOpen", "TestMerchantsCallWithTokens"),
				in(integration, "TestAccessMatrix", "TestTokenVerifiesWithThePublishedKeys"),
			), "",
		},
		{
			4, "Signing keys of 30 days at most, never in memory", "ASVS 11.1.1, 13.3.1",
			slices.Concat(
				in(signing, "TestRotationForTwoYears", "TestFirstRunMakesAKeyThatSigns", "TestRemovalIsResumed",
					"TestSignaturesOfKMS"),
				in(caller, "TestWithdraw", "TestWithdrawnKeyIsReplacedAtOnce", "TestRevocation"),
				in(infra, "TestTokenKeysAreNamedByTheirTag", "TestRunsAreWatched"),
			), "",
		},
		{
			5, "Client secrets hashed, told once, rolled, revoked", "ASVS 10.4.10, 11.5.1, 13.3",
			slices.Concat(
				in(caller, "TestSecretsAreKeptHashed", "TestSecretsOverlap", "TestSecretsAreBounded", "TestRevokeClient",
					"TestRevocation"),
				in(issueToken, "TestWhoCreatesClients", "TestClientsOfTwoMerchants", "TestListClients", "TestRevokedClient",
					"TestRefusals"),
				in(contract, "TestClientSecretsAreFound"),
				in(integration, "TestRolledAndRevokedClient", "TestRevokedTokenIsRefused"),
			), "",
		},
		{
			6, "Roles", "ASVS 8.1.1, 8.2.1; API5",
			slices.Concat(
				in(caller, "TestGuard", "TestPrincipal"), in("./functions/create-invoice", "TestRoutesAreDescribed"),
				in("./functions/reserve-inventory", "TestRoutesAreDescribed"),
				in(serveAPI, "TestRoutesAreDescribed", "TestWhoCreatesAMerchant"),
				in(issueToken, "TestRoutesAreDescribed", "TestWhoCreatesClients"),
				in(contract, "TestRolesAreDocumented", "TestEveryScopeIsDescribed"), in(integration, "TestAccessMatrix"),
			), "",
		},
		{
			7, "Tenants apart", "ASVS 8.2.2, 8.4.1; API1",
			slices.Concat(
				in(caller, "TestTenant"), in(serveAPI, "TestAnothersRecordsDoNotExist"),
				in(issueToken, "TestClientsOfTwoMerchants"),
				in(integration, "TestAccessMatrix", "TestTenantsAreApart", "TestKeysAreScopedToTheMerchant",
					"TestReadsAreScopedToTheMerchant"),
			), "",
		},
		{
			8, "Functions may only what they do", "ASVS 13.2.2; IAM4, IAM5",
			slices.Concat(
				in(infra, "TestLeastPrivilege", "TestManagedPolicies", "TestOthersMayOnlyTrigger", "TestSenders",
					"TestAuditLogIsAppendOnly", "TestNoSecurityFindings"), in(IAM, "TestRoles"),
			), "",
		},
		{
			9, "Rates", "ASVS 2.4, 15.2.2; API4",
			slices.Concat(
				in(caller, "TestGuardLimitsAMerchant"), in(issueToken, "TestTokensAreLimited"), in(limit, "TestFleet"),
				in(infra, "TestRateRulesAskToRetryLater", "TestRatesFitTheLoadBudget", "TestStageIsThrottled"),
				in(integration, "TestMerchantsAreLimited"),
			), "",
		},
		{
			10, "Strict, bounded input", "ASVS 2.2, 15.3.3, 15.3.7; API3",
			slices.Concat(
				in(strictjson, "TestMalformedBodies", "FuzzRead"), in(gst, "FuzzParseRequest"),
				in(infra, "TestFirewallBlocksLargeBodies"),
				in(integration, "TestNoInputIsAServerError", "TestBadBodiesAtTheAPI", "TestBadBodiesAtTheQueue"),
			), "",
		},
		{
			11, "Encrypted at rest", "ASVS 11.3; CIS",
			in(infra, "TestEncryptedAtRest", "TestEveryStoreIsKnown", "TestTables"), "",
		},
		{
			12, "Secrets managed", "ASVS 13.3.1",
			slices.Concat(
				in(infra, "TestNoSecretsInVariables", "TestLooksSecret", "TestOperatorSecretRotatesMonthly",
					"TestOperatorSecretIsForRotateKeysAlone"),
				in(credential, "TestRotationsOverlap", "TestHalfARotationLocksNoOperatorOut"),
				in(integration, "TestRotateTheOperatorsCredential"),
			), "",
		},
		{
			13, "Audit log immutable", "ASVS 16.4.2",
			slices.Concat(
				in(infra, "TestAuditLogIsAppendOnly", "TestSealAuditAloneSigns"),
				in(sealed, "TestWhatWasAlteredIsFound", "TestReceiptsAtEverySize", "TestACopyOfTheBucket"),
				in(receipts, "TestWhatDoesNotVerify", "TestAnotherOriginUnderTheSameKey", "TestConsistency", "TestGoldenReceipt"),
				in(integration, "TestReceipts", "TestCheckpointsAreKept"),
			), "",
		},
		{
			14, "Security events logged and counted", "ASVS 16.3.1 to 16.3.3",
			slices.Concat(
				in(caller, "TestGuard"),
				in(issueToken, "TestRefusedTokensAreCounted", "TestAdministrativeActsAreLogged", "TestNoActWithoutItsEntry"),
				in(serveAPI, "TestChangedProfilesAreActs"),
				in(operations, "TestOperatorsActsAreRecorded", "TestNoCommandWithoutItsEntry"),
				in(httpapi, "TestRequestsAreCountedByCode", "TestHostileRequestsMakeFewSeries"),
				in(alert, "TestRefusalsRaiseAnAlarm", "TestEveryAlertHasItsCases"), in(infra, "TestEveryAlertIsAnAlarm"),
			), "",
		},
		{
			15, "No personal data in logs, events, URLs", "ASVS 14.2.1, 16.2.5",
			slices.Concat(in(integration, "TestBuyersAreNotLogged"), in(events, "TestSchemasRefuseUnknownAndMissingFields")), "",
		},
		{
			16, "Erasure, export, retention", "ASVS 14.2.7; GDPR 15, 17, 20; DPDP 11, 12",
			slices.Concat(
				in(erasure, "TestErasingDestroysTheKeys", "TestAnErasureThatIsDueLater", "TestErasureAgainstHold",
					"TestAHoldPostponesWhatIsDueLater", "TestNoEffectWithoutAnAct", "TestFinish", "TestOverdue"),
				in(managePrivacy, "TestErase", "TestWhoMayErase", "TestASubjectThatNeverWasGetsTheSameShape", "TestWhoMayExport"),
				in(export, "TestExport", "TestAnErasureDuringAnExport", "TestTwoWorkersAtOnce", "TestAHundredThousandInvoices"),
				in(retention, "TestKeep", "TestEffective"), in(infra, "TestBackups", "TestKeysAreInNoBackup", "TestExports"),
				in(idempotency, "TestSealedAnswersAreReadWithTheKeyAlone", "TestAMovedAnswerDoesNotOpen"),
				in(integration, "TestEraseABuyer"),
			), "",
		},
		{
			17, "Supply chain", "ASVS 15.1.1, 15.1.2, 15.2.1",
			in(contract, "TestActionsArePinned", "TestSupplyChainIsChecked", "TestClientSecretsAreFound"), "",
		},
		{
			18, "Fails closed, says nothing of the inside", "ASVS 16.5.1 to 16.5.3; API8",
			slices.Concat(
				in(caller, "TestFailsClosed", "TestGuardWithoutKeys", "TestUnknownKeyWhileTheTableIsAway"),
				in(issueToken, "TestUnavailable"), in(httpapi, "TestRouting", "TestRoutesFailClosed"),
				in(infra, "TestGatewayRefusalsAreProblems"),
			), "",
		},
	}
}
