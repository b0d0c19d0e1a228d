//go:build race

package sqlite

// The race detector makes SQLite, which is Go here, some ten times slower.
const raceEnabled = true
