/*
 * One idempotency key, its saga's record, the stock, and everything that changes them
 * concurrently: runs of create-invoice (a retry, a duplicate and a redelivery are runs),
 * two runs of recover-sagas, two compensations, and a network that delivers abandoned
 * messages late or a second time. `make model` runs it.
 *
 * An atomic or d_step block is one read or write of DynamoDB. Any other process may run
 * between two blocks. Any write may be lost, or land and lose its reply; a run may crash
 * or stall between any two blocks. The model has no time: a lease may end at any moment,
 * so only the conditions protect.
 *
 * Comments name the Go function with its package. Each #ifdef NO_... removes one guard;
 * mutants.go names the property that must break then.
 *
 * Not modelled: payloads, chunks of large reservations (inventory's interleaving test),
 * number series, the audit, and the key's expiry after a day.
 */
#define IDS	3	/* of calls and of sagas: a call begins at most one */
#ifndef CALLS
#define CALLS	3	/* runs of create-invoice */
#endif
#define REDRIVES 6	/* more than TROUBLE can cause */
#ifndef TROUBLE
#define TROUBLE 1	/* compensations that crash, fail or are slow; recoveries that crash */
#endif
#ifndef LATE
#define LATE 2		/* messages that arrive late, or a second time */
#endif

#ifndef UNITS
#define UNITS 1		/* on hand initially, or none */
#endif

/* key_state, idempotency.KeyState; HELD: Locked, FREE: Released, ABSENT: no record */
mtype = { ABSENT, OPEN, HELD, DONE, FREE };
/* state, saga.State */
mtype = { NONE, BEGUN, COMMITTED, COMPLETED, ABORTED, COMPENSATING, COMPENSATED, STUCK };
/* state of a barrier in package inventory; NONE: no barrier */
mtype = { RESERVED, RELEASED };
/* result of a reservation */
mtype = { OK, REFUSED, SHORT };

/* The record: the key and its saga are one item. */
mtype key = ABSENT, state = NONE;
byte owner;		/* the owning call: owner token and fence in one */
byte saga;		/* the saga's id */
byte redrive;
bool oweDelete, oweRelease;	/* pending compensations */

byte sagas;		/* number of ids allocated */
bool ended[IDS];	/* the archived copy: the saga has ended */
bool invoice[IDS];	/* by saga: the invoice's id is derived from the saga's */
mtype gate[IDS] = NONE;	/* by saga */
short onHand, reserved, counted;

/* Executions of the state machine by name, which is the saga and the redrive. */
mtype = { UNUSED, STARTED, RUNNING, OVER };
mtype execution[IDS * REDRIVES] = UNUSED;
bool toDelete[IDS * REDRIVES], toRelease[IDS * REDRIVES];	/* their input */

/* Still in flight, although the sender timed out or a duplicate was answered. */
bool lateClaim[IDS], lateReserve[IDS], lateCommit[IDS];
byte claimOf[IDS], commitOf[IDS];	/* the saga of the claim and of the commit */
byte claimAfter[IDS];	/* the owner of the record that the claim replaces */

byte pending;		/* executions waiting for a Compensation process */
byte begun;		/* calls begin in order; of two identical processes the second runs only while the first does */
bool recovering, compensating;	/* the first is busy; symmetric states would cost memory */
byte trouble = TROUBLE, late = LATE;
bool told201;		/* a caller has received a 201 */

#define NAME(s, n)	((s) * REDRIVES + (n))
/* No execution will settle the saga: recovery finds it due. */
#define LOST	(execution[NAME(saga, redrive)] == UNUSED || execution[NAME(saga, redrive)] == OVER)
#ifdef NO_BUSY
#define CLAIMABLE	(key != HELD && key != DONE)
#elif defined NO_REPLAY
#define CLAIMABLE	(key != HELD && key != OPEN)
#else
#define CLAIMABLE	(key == ABSENT || key == FREE)
#endif
/* idempotency.Store.claim: a claim replaces only the record that it read. */
#ifdef NO_SEEN_CLAIM
#define AS_SEEN(me)	CLAIMABLE
#else
#define AS_SEEN(me)	(key == FREE && owner == claimAfter[me - 1])
#endif

/* The properties. Spin prints the name of the broken one. */
bool P1_oneInvoice, P3_neverNegative, P3_conserved, P4_sagaEnded, P5_noPartialState,
	P1_answerKept, P8_lateStepHarmless, P9_onlyOwnerFinishes, P4_stuckOnlyIfFailed;

inline holds(property, condition)
{
	property = (condition);
	assert(property);
	property = 0
}

/* idempotency: ownedBy */
#ifdef NO_OWNER
#define MINE(me) (key == OPEN)
#else
#define MINE(me) (key == OPEN && owner == me)
#endif

/* saga.Store.compensate: a refused write whose own first attempt had landed. */
#ifdef NO_PENDING_CONDITION
#define LANDED(o, s, d, r) (saga == s && state == COMPENSATING && owner == o)
#else
#define LANDED(o, s, d, r) (saga == s && state == COMPENSATING && owner == o && oweDelete == d && oweRelease == r)
#endif

/* issuance: the whole commit is one transaction. */
inline land(me, s) {
	d_step {
	holds(P9_onlyOwnerFinishes, owner == me && saga == s);
	invoice[s] = true; key = DONE; state = COMMITTED;
	holds(P1_oneInvoice, invoice[0] + invoice[1] + invoice[2] <= 1);
	printf("call %d: commits saga %d\n", me, s)
	}
}

inline take(s, got) {
	d_step {
	holds(P8_lateStepHarmless, !ended[s]);
	onHand--; reserved++; gate[s] = RESERVED; got = OK;
	holds(P3_neverNegative, onHand >= 0);
	printf("inventory: reserves for saga %d\n", s)
	}
}

/* inventory.Store.reserve: barrier and stock in one transaction. */
inline reserve(s, got) {
	atomic { if
#ifdef NO_ONCE
	:: gate[s] == RESERVED -> take(s, got)
#else
	:: gate[s] == RESERVED -> got = OK				/* an earlier delivery reserved */
#endif
	:: gate[s] == RELEASED -> got = REFUSED				/* checkGate: saga_ended */
#ifdef NO_STOCK_CONDITION
	:: gate[s] == NONE -> take(s, got)
#else
	:: gate[s] == NONE && onHand > 0 -> take(s, got)
#endif
	:: gate[s] == NONE -> got = SHORT				/* other sagas may hold it all */
	fi }
}

/* inventory/reserve.go: refuse. The gate is RELEASED before the refusal is returned. */
inline refuse(s, got) {
	d_step { if
	:: gate[s] == RESERVED -> got = OK
	:: gate[s] == RELEASED -> got = REFUSED
	:: gate[s] == NONE -> got = REFUSED;
#ifndef NO_REFUSAL_BARRIER
		gate[s] = RELEASED;
#endif
		printf("inventory: refuses saga %d\n", s)
	fi }
}

/* saga.Store.end */
inline finish(s, how, owned) {
	d_step {
	holds(P9_onlyOwnerFinishes, owned);
	key = FREE; state = how; ended[s] = true
	}
}

inline open(me, s) {
	d_step {
	key = OPEN; state = BEGUN; owner = me; saga = s; redrive = 0; oweDelete = 0; oweRelease = 0
	}
}

/* saga.Store.compensate */
inline hold(d, r) {
	d_step {
#ifndef NO_HOLD
	key = HELD;
#endif
	state = COMPENSATING; oweDelete = d; oweRelease = r
	}
}

/* saga.StepFunctions.Start: a name starts once. */
inline start(s, n, d, r) {
	d_step {
	assert(n < REDRIVES);
	if
	:: execution[NAME(s, n)] == UNUSED ->
		execution[NAME(s, n)] = STARTED; pending++; toDelete[NAME(s, n)] = d; toRelease[NAME(s, n)] = r;
		printf("machine: execution %d of saga %d\n", n, s)
	:: else
	fi
	}
}

/* A run of create-invoice, issuance.Issuer. `goto gone`: it crashes, or a write is lost. */
proctype Call(byte me) {
	byte s, seen;
	bool resumed, d;
	mtype got = OK;

	/* saga.Store.Begin, idempotency.Store.claim */
	atomic { begun == me - 1 -> begun++;
		if
		:: CLAIMABLE ->
			s = sagas; sagas++;
			if
			:: key == FREE && late > 0 -> late--; lateClaim[me - 1] = true; claimOf[me - 1] = s; claimAfter[me - 1] = owner
			:: true
			fi;
			open(me, s); printf("call %d: begins saga %d\n", me, s); goto reserving
		:: key == OPEN -> seen = owner; s = saga		/* InProgress, and the lease has ended */
		:: key == DONE -> told201 = true; goto gone		/* Replay */
		:: key == HELD -> goto gone				/* Compensating */
		:: goto gone
		fi };
	atomic { if							/* takeOver */
		:: key == OPEN && owner == seen ->
			owner = me; resumed = true; seen = 0; printf("call %d: takes saga %d over\n", me, s)
		:: goto gone						/* another call did */
		fi };

reserving:	/* issuance: reserve; create-invoice: reserver.Reserve */
	atomic { if
		:: goto gone
		:: true ->						/* the breaker is open: nothing is sent */
#ifdef NO_RESUMED
			goto abort
#else
			if
			:: resumed -> goto unknown			/* an earlier owner may have sent it */
			:: else -> goto abort
			fi
#endif
		:: goto unknown						/* it is lost */
		:: late > 0 -> late--; lateReserve[s] = true; goto unknown
		:: true ->
			reserve(s, got);
			if
			:: got == OK
			:: got == OK -> goto unknown			/* the reply is lost */
			:: got == OK && late > 0 -> late--; lateReserve[s] = true	/* sent twice */
			:: got == REFUSED -> goto abort
			:: got == SHORT
			:: got == SHORT && late > 0 -> late--; lateReserve[s] = true
			fi
		fi };
	if
	:: got == SHORT -> atomic {
		refuse(s, got);
		if
		:: got == REFUSED -> goto abort
		:: got == REFUSED -> goto unknown			/* the reply is lost */
		:: got == OK						/* another delivery reserved */
		fi }
	:: got == OK
	fi;

#ifdef SPLIT_COMMIT
	atomic { invoice[s] = true; printf("call %d: writes the invoice of saga %d\n", me, s) }	/* first the invoice, then the key */
#endif
	/* Create Invoice: issuance transact, saga.Store.Commit */
	atomic { if
		:: goto gone
		:: MINE(me) -> land(me, s);
			if
			:: told201 = true; goto gone			/* or the reply is lost, and stored finds the commit */
			:: d = 1					/* the reply is lost, and no time is left */
			fi
		:: !(MINE(me)) -> goto gone				/* ErrLost */
		:: late > 0 -> late--; lateCommit[me - 1] = true; commitOf[me - 1] = s; d = 1
		:: d = 1						/* it is lost */
		:: d = 0						/* the number is taken */
		fi };
	goto undo;

unknown:
#ifndef NO_UNKNOWN_UNDO
	goto undo;
#endif

abort:	/* saga.Store.Abort: nothing was reserved */
	atomic { if
		:: MINE(me) -> finish(s, ABORTED, owner == me && saga == s); printf("call %d: aborts saga %d\n", me, s)
		:: true
		fi; goto gone };

undo:	/* saga.Store.Compensate: it locks the key, so a commit in flight is refused */
	atomic { if
		:: MINE(me) ->
			holds(P9_onlyOwnerFinishes, owner == me && saga == s);
			hold(d, 1); printf("call %d: undoes saga %d\n", me, s)
		:: !(MINE(me)) && key == DONE && saga == s -> told201 = true; goto gone	/* ErrCommitted */
		:: !(MINE(me)) && LANDED(me, s, d, 1)			/* the reply was lost */
		:: goto gone						/* ErrLost */
		fi;
		if
		:: start(s, 0, d, 1)
		:: true							/* crash, or Start fails: recovery starts it */
		fi };

gone:	true;
	d_step { s = 0; seen = 0; resumed = 0; d = 0; got = OK }
}

/* recover-sagas, which may run twice concurrently. */
proctype Recover(bool first) {
	byte o, s, n;
	mtype was = NONE;
#ifndef NO_RECOVERY
end:	do
	:: d_step { first && state == COMMITTED -> state = COMPLETED; ended[saga] = true }	/* the audit request; saga.Store.Complete */
	:: d_step { (first || recovering) &&
		(state == BEGUN || state == STUCK || (state == COMPENSATING && (LOST || trouble > 0))) ->
		recovering = recovering || first;
		if
		:: state == COMPENSATING && !(LOST) -> trouble--	/* it runs: the record of its start was lost */
		:: else
		fi;
		o = owner; s = saga; n = redrive; was = state }
		atomic { if
		:: was == BEGUN ->					/* saga.Store.Abandon */
			if
#ifdef NO_SEEN_CONDITION
			:: true ->
#else
			:: key == OPEN && owner == o && saga == s && state == was ->
#endif
				hold(1, 1); printf("recovery: abandons saga %d\n", saga)
			:: LANDED(o, s, 1, 1)
			:: else -> was = NONE
			fi
		:: else ->						/* saga.Store.Redrive */
			if
			:: saga == s && state == was && redrive == n ->
				n++; redrive = n; state = COMPENSATING; printf("recovery: redrives saga %d\n", s)
			:: else -> was = NONE
			fi
		fi;
		if
		:: was == BEGUN -> start(s, n, 1, 1)
		:: was != BEGUN && was != NONE -> start(s, n, oweDelete, oweRelease)
		:: was != NONE && trouble > 0 -> trouble--		/* crash, or Start fails */
		:: was == NONE
		fi; d_step { o = 0; s = 0; n = 0; was = NONE; recovering = recovering && !first } }
	od
#endif
}

/* The state machine of infra/compensation.go: Delete Invoice, Release Inventory, Settle Saga. */
proctype Compensation(bool first) {
	byte e, s, n;
	bool d, r;	/* its input */
	bool deleted, released, oweD, oweR;
	mtype was = NONE;
end:	do
	:: atomic { (first || compensating) && pending > 0 -> d_step {
		compensating = compensating || first;
		pending--;
		do
		:: execution[e] != STARTED -> e++
		:: else -> break
		od;
		execution[e] = RUNNING; s = e / REDRIVES; n = e % REDRIVES; d = toDelete[e]; r = toRelease[e];
		toDelete[e] = 0; toRelease[e] = 0 };
		if
		:: d && trouble > 0 -> trouble--			/* all retries fail */
		:: d ->							/* invoice.Store.Delete */
			if
			:: !invoice[s] -> deleted = true
			:: invoice[s] && key == HELD && saga == s -> invoice[s] = false; deleted = true
			:: else						/* the key is not locked */
			fi
		:: !d
		fi }
		atomic { if						/* inventory/release.go Release: gate */
		:: r && trouble > 0 -> trouble--
		:: r && gate[s] == NONE -> released = true;
#ifndef NO_BARRIER
			gate[s] = RELEASED
#endif
		:: r && gate[s] == RELEASED -> released = true
		:: r && gate[s] == RESERVED -> was = RESERVED
		:: !r
		fi };
		if
		:: was == RESERVED -> d_step { if			/* finalize: a reservation ends once */
#ifdef NO_RELEASE_ONCE
			:: true ->
#else
			:: gate[s] == RESERVED ->
#endif
				gate[s] = RELEASED; onHand++; reserved--; printf("inventory: releases saga %d\n", s);
				holds(P3_neverNegative, reserved >= 0)
			:: else
			fi; released = true; was = NONE }
		:: else
		fi;
		atomic { if						/* saga.Store.Settle: Load */
		:: saga == s && state == COMPENSATING && redrive == n ->
			was = COMPENSATING; oweD = oweDelete && !deleted; oweR = oweRelease && !released
		:: saga == s && state == COMPENSATING && redrive == n && trouble > 0 -> trouble--	/* it crashes */
		:: else							/* ErrLost */
		fi };
		d_step { if						/* end or markStuck */
		:: was == NONE
#ifdef NO_STATE_CONDITION
		:: was != NONE && key == HELD ->
#else
		:: was != NONE && saga == s && state == COMPENSATING && redrive == n ->
#endif
			if
			:: !oweD && !oweR -> key = FREE; state = COMPENSATED; ended[s] = true;
				printf("settle: saga %d is compensated\n", s)
			:: else ->
				holds(P4_stuckOnlyIfFailed, (!oweD || (d && !deleted)) && (!oweR || (r && !released)));
				state = STUCK; oweDelete = oweD; oweRelease = oweR; printf("settle: saga %d is stuck\n", s)
			fi
		:: else
		fi;
		execution[e] = OVER; e = 0; s = 0; n = 0; d = 0; r = 0;
		deleted = 0; released = 0; oweD = 0; oweR = 0; was = NONE;
		compensating = compensating && !first }
	od
}

inline arrive(me) {
	d_step {
	lateCommit[me - 1] ->
	lateCommit[me - 1] = false;
	if
	:: MINE(me) -> land(me, commitOf[me - 1])
	:: else
	fi;
	commitOf[me - 1] = 0
	}
}

inline reopen(me) {
	d_step {
	lateClaim[me - 1] ->
	lateClaim[me - 1] = false;
	if
	:: AS_SEEN(me) ->
		open(me, claimOf[me - 1]); ended[saga] = false;
		printf("network: call %d begins saga %d late\n", me, saga)
	:: else
	fi;
	claimOf[me - 1] = 0; claimAfter[me - 1] = 0
	}
}

inline deliver(s) {
	atomic { lateReserve[s] -> lateReserve[s] = false; reserve(s, got) };
	if
	:: got == SHORT -> refuse(s, got)
	:: else
	fi;
	got = OK
}

/* Messages whose sender timed out arrive at any later time, in any order, once. */
proctype Network() {
	mtype got = OK;
end:	do
	:: deliver(0)
	:: deliver(1)
	:: deliver(2)
	:: arrive(1)
	:: arrive(2)
	:: arrive(3)
	:: reopen(1)
	:: reopen(2)
	:: reopen(3)
	od
}

#define WHOLE(s) (invoice[s] == (gate[s] == RESERVED))

init {
	if
	:: onHand = UNITS
	:: onHand = 0
	fi;
	counted = onHand;
	atomic {
		run Call(1);
#if CALLS > 1
		run Call(2);
#endif
#if CALLS > 2
		run Call(3);
#endif
		run Recover(true); run Recover(false);
		run Compensation(true); run Compensation(false); run Network()
	}
	/* The end: no process can continue. */
	atomic { timeout ->
		holds(P4_sagaEnded, state == NONE || state == COMPLETED || state == ABORTED || state == COMPENSATED);
		holds(P5_noPartialState, WHOLE(0) && WHOLE(1) && WHOLE(2));
		holds(P3_conserved, onHand + reserved == counted);
		holds(P1_answerKept, !told201 || invoice[0] + invoice[1] + invoice[2] == 1) }
}
