//go:build race

package main

// manyMembers is fewer with the race detector, which makes storing and listing
// them many times slower.
const manyMembers = 2_000
