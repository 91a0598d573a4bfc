// Package store keeps what Loket knows: it opens the database (SQLite as the
// embedded default, PostgreSQL by address), gives transactions and snapshots,
// and translates the databases' errors into faults. The rules live in
// store/<api>, the rows and use cases in store/<api>/<api>db.
//
// It imports gorm, the two drivers and store/fault. Packages store/<api>db,
// store/accounts, store/blobs and main may import it; handlers only to pass it
// on. Nothing under store knows echo, the generated code or a handler.
//
// # One writer, many readers
//
// SQLite lets one connection write at a time, and a transaction that reads
// first and writes later fails at once when another wrote in between. So there
// is one writing connection whose transactions begin IMMEDIATE, and a pool of
// reading ones with query_only on the same file, which never wait for it
// (write-ahead log). Waiting for the writer happens in Go, where a context
// ends it; SQLite's own busy wait cannot be interrupted, so it is kept short
// and repeated.
//
// Transactions that queue for SQLite's writer share one commit, and so one wait
// for the disk; none is answered before it (writer.go).
//
// PostgreSQL has two pools as well, the reading one with
// default_transaction_read_only, so that code which writes through Reader or
// Read fails on both. Its transactions are READ COMMITTED: a use case that
// loads, decides and writes locks the root of what it changes first (Lock).
// The same line does nothing on SQLite, where the whole transaction is alone.
//
// # Statements are prepared once
//
// gorm's PrepareStmt does not help inside transactions: a statement that is
// first seen in one belongs to it and is prepared again in each later one
// (database/sql prepares it anew for another transaction). So the connections
// of transactions and snapshots keep their own (links.go), and the pool under
// Reader keeps its (statements.go). On PostgreSQL pgx does it.
package store
