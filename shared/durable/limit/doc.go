// Package limit is a rate limiter that a fleet of short-lived processes shares through one
// DynamoDB item for each key, and that no request waits for.
//
// It is the generic cell rate algorithm (GCRA) in its virtual scheduling form (ITU-T I.371,
// annex A; ATM Forum TM 4.0, 4.4.2). A key has one time, its theoretical arrival time (TAT).
// Each admitted request moves it by 1/rate, from now if it lies in the past. A request is
// refused while the TAT is more than burst-1 such intervals ahead.
//
// A process admits requests at once, by what it knows, and counts them. At most four times a
// second and key, and once a second while its count is below a twentieth of the burst, it charges
// the count to the item, in a conditional update that runs concurrently with a request and that the
// request joins before its answer, since a Lambda process is frozen afterwards. The result is the
// TAT of the whole fleet: until it has passed, the process refuses, and makes no calls. What was
// admitted too much is owed, so over time a key gets its rate:
//
//	admitted in T <= rate*T + burst + what the fleet admits between two settlements
//
// The last term is what arrives in a quarter of a second and the duration of a settlement, a
// twentieth of the burst for each process that gets little, and what a process had counted when it
// ended; TestFleet prints it: 3 percent of the first minute for 100 processes to which a hundred
// times the limit is offered. A settlement moves no TAT that is more than MaxDebt beyond the burst:
// what a flood made beyond that is forgiven, so that it refuses the key for half a minute, not for an
// hour. Therefore a limit of a few requests a minute for each process is not kept. A key that stays
// below its rate is not refused, with the exceptions that follow.
//
// # Errors
//
// If the item cannot be written, requests are admitted by what the process alone has admitted:
// n processes admit at most n times the rate. What they counted is owed. After a second it
// drains at the rate, as it would have in the item, so that an outage is not charged afterwards
// to a key that kept its rate. The next settlement comes a second later.
//
// If the reply of a settlement is lost, its requests are charged twice. It errs by refusing: the
// key loses what one process counted in a quarter of a second, at most, of its burst.
//
// A settlement that takes longer than Join waits is left running. The process may be frozen for
// minutes in between. Its result is a lower bound of the TAT whenever it arrives, and a connection
// that broke meanwhile is a lost reply.
//
// Processes compare each other's times. A clock that is a second ahead costs the others a second
// of the key's burst; awsclient.Clock keeps it below that.
package limit
