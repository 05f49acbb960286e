// Package credential rotates the credential of the first operator, which AWS Secrets Manager keeps
// as {"client_id": …, "client_secret": …}. Secrets Manager invokes a function with four steps, in
// this order, and repeats one that failed:
//
//	createSecret  puts a new secret as the version AWSPENDING
//	setSecret     makes it a secret of the client, which is created the first time
//	testSecret    checks that the client is authentic with it
//	finishSecret  moves AWSCURRENT to it, and ends the former secrets after Overlap
//
// Each step may run twice, late, or after a crash of itself. The secret that is current stays valid
// until another one is: a rotation that stops halfway locks no operator out.
//
// Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
package credential
