// The other breakers of Go, in a module of their own: nothing of InvoChain needs them.
module github.com/invochain/invochain/tests/performance/peers/breakers/inprocess

go 1.26.0

require (
	github.com/failsafe-go/failsafe-go v0.9.8
	github.com/sony/gobreaker/v2 v2.4.0
)

require github.com/bits-and-blooms/bitset v1.24.4 // indirect
