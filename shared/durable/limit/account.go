package limit

import "time"

const (
	// MaxDebt is how far beyond the burst a TAT may be and still move. So the longest refusal is
	// MaxDebt, the burst and a second: 33 s by the default plan, 91 s by any.
	MaxDebt = 30 * time.Second
	// lateness is the age up to which owed requests are charged in full.
	lateness = time.Second
	// slack is how far a TAT may have passed and still move from where it is. The TAT of a key that
	// keeps its rate so starts seldom, and the next charge is guessed right. It adds a quarter of a
	// second's requests to the burst.
	slack = 250 * time.Millisecond
	// implausible is how far ahead no correct clock puts a TAT.
	implausible = 5 * time.Minute
)

// account is what a process knows of one key.
type account struct {
	rate     Rate
	tat      time.Time // by what is known; not later than the fleet's
	fleet    time.Time // the TAT in the table after the last settlement
	ahead    bool      // whether the last charge that could not know moved the TAT, or started it
	owed     int       // admitted requests that were not charged
	since    time.Time // when the first of them was admitted
	settling bool
	charged  int       // requests of the settlement that runs
	from     time.Time // when the first of those was admitted
	next     time.Time // no settlement begins before
	used     int64
}

// admit counts a request, and returns 0, or how long it has to wait.
func (a *account) admit(now time.Time) time.Duration {
	if a.tat.Before(now) || a.tat.Sub(now) > implausible {
		a.tat = now
	}
	if early := a.tat.Sub(now) - a.rate.tolerance() + a.rate.each(); early > 0 {
		return early
	}
	a.tat = a.tat.Add(a.rate.each())
	if a.owed == 0 {
		a.since = now
	}
	a.owed++
	return 0
}

// remaining returns how many more requests are admitted at once.
func (a *account) remaining(now time.Time) int {
	return a.rate.left(a.tat, now)
}

// due reports whether a settlement may begin: an interval after the last one if the requests owed are a good
// part of the burst, else a second after it. The clock may have been set back.
func (a *account) due(now time.Time) bool {
	wait := a.next.Sub(now)
	if few := a.owed*partOfBurst < a.rate.Burst; few && !a.fleet.IsZero() {
		wait += patience - interval
	}
	return !a.settling && (wait <= 0 || a.next.Sub(now) > afterFailure)
}

// charge begins a settlement of all that is owed. What is older than lateness has drained.
func (a *account) charge(now time.Time) Charge {
	if a.since.After(now) {
		a.since = now // the clock was set back
	}
	c := Charge{
		Amount: time.Duration(a.owed) * a.rate.each(), Since: a.since, Now: now,
		Limit: now.Add(a.rate.tolerance() + MaxDebt),
	}
	if late := now.Sub(a.since) - lateness; late > 0 {
		c.Amount, c.Since = max(c.Amount-late, a.rate.each()), a.since.Add(late)
	}
	c.Ahead = a.ahead || !c.restarts(a.fleet)
	a.settling, a.next = true, now.Add(interval)
	a.charged, a.from, a.owed = a.owed, a.since, 0
	return c
}

// restore owes the requests of a settlement that failed.
func (a *account) restore(now time.Time) {
	a.settling, a.next = false, now.Add(afterFailure)
	a.owed, a.since = a.owed+a.charged, a.from
}

// learn takes up the state that a settlement left. It lacks the requests since, which are owed.
func (a *account) learn(c Charge, s State, standard Rate) {
	if c.restarts(a.fleet) {
		a.ahead = !s.TAT.Equal(c.Since.Add(c.Amount))
	}
	a.settling, a.rate, a.fleet = false, s.InForce(standard), s.TAT
	if tat := s.TAT.Add(time.Duration(a.owed) * a.rate.each()); tat.After(a.tat) {
		a.tat = tat
	}
}
