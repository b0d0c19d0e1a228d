//go:build race

package sqlite

// The race detector slows SQLite down about ten times, because it is compiled to
// Go here.
const raceEnabled = true
