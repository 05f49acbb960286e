package main

import "context"

func sagas(ctx context.Context, l *local) error { return nil }
