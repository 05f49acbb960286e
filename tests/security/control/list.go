package control

import "slices"

// Packages whose tests prove controls.
const (
	infra       = "./infra"
	awsclient   = "./shared/function/awsclient"
	httpapi     = "./shared/function/httpapi"
	credential  = "./shared/caller/credential"
	strictjson  = "./shared/strictjson"
	gst         = "./shared/gst"
	events      = "./events"
	contract    = "./tests/contract"
	integration = "./tests/integration" // needs a running stack
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
			in(infra, "TestNoMethodIsPublic", "TestLocalDeploymentIsOpen"), "tokens for merchants",
		},
		{4, "Signing keys of 30 days at most, never in memory", "ASVS 11.1.1, 13.3.1", nil, "token keys"},
		{5, "Client secrets hashed, told once, rolled, revoked", "ASVS 10.4.10, 11.5.1, 13.3", nil, "clients"},
		{6, "Roles", "ASVS 8.1.1, 8.2.1; API5", nil, "roles in tokens"},
		{
			7, "Tenants apart", "ASVS 8.2.2, 8.4.1; API1",
			in(integration, "TestKeysAreScopedToTheMerchant", "TestReadsAreScopedToTheMerchant"), "the tenant out of the token",
		},
		{
			8, "Functions may only what they do", "ASVS 13.2.2; IAM4, IAM5",
			in(infra, "TestLeastPrivilege", "TestManagedPolicies", "TestOthersMayOnlyTrigger", "TestAuditLogIsAppendOnly",
				"TestNoSecurityFindings"), "`make test-iam` as a part of this command",
		},
		{
			9, "Rates", "ASVS 2.4, 15.2.2; API4",
			in(infra, "TestRateRulesAskToRetryLater", "TestRatesFitTheLoadBudget", "TestStageIsThrottled"),
			"rates for each merchant",
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
		{13, "Audit log immutable", "ASVS 16.4.2", in(infra, "TestAuditLogIsAppendOnly"), "one signed log"},
		{
			14, "Security events logged and counted", "ASVS 16.3.1 to 16.3.3",
			in(httpapi, "TestRequestsAreCountedByCode", "TestHostileRequestsMakeFewSeries"), "an alarm on a burst of refusals",
		},
		{
			15, "No personal data in logs, events, URLs", "ASVS 14.2.1, 16.2.5",
			slices.Concat(in(integration, "TestBuyersAreNotLogged"), in(events, "TestSchemasRefuseUnknownAndMissingFields")), "",
		},
		{16, "Erasure, export, retention", "ASVS 14.2.7; GDPR 15, 17, 20; DPDP 11, 12", nil, "sealed contact data"},
		{
			17, "Supply chain", "ASVS 15.1.1, 15.1.2, 15.2.1",
			in(contract, "TestActionsArePinned", "TestSupplyChainIsChecked", "TestClientSecretsAreFound"), "",
		},
		{
			18, "Fails closed, says nothing of the inside", "ASVS 16.5.1 to 16.5.3; API8",
			slices.Concat(in(httpapi, "TestRouting"), in(infra, "TestGatewayRefusalsAreProblems")),
			"503 when the token keys cannot be read",
		},
	}
}
