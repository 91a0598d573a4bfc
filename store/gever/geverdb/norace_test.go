//go:build !race

package geverdb_test

// raced: the race detector is on, under which everything takes ten times as long.
const raced = false
