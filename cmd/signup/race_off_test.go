//go:build !race

package main

const manyMembers = 20_000
