package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// chunk is how much is sent at once, in bytes.
const chunk = 64 << 10

// patience is how long clamd may be silent. It scans while bytes come in, but
// an archive only at the end.
const patience = 5 * time.Minute

// Clamd is ClamAV's daemon, asked by INSTREAM (clamd(8)): the bytes go over
// the connection, so that it may stand on another machine.
type Clamd struct {
	network, address string
	patience         time.Duration
}

// OpenClamd takes tcp://host:port or unix:///path of the socket. It does not
// connect: clamd may start later.
func OpenClamd(address string) (*Clamd, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
	case u.Scheme == "tcp" && u.Port() != "" && u.Hostname() != "":
		return &Clamd{"tcp", u.Host, patience}, nil
	case u.Scheme == "unix" && u.Path != "":
		return &Clamd{"unix", u.Path, patience}, nil
	}
	return nil, errors.New("scan: clamd's address must be tcp://host:port or unix:///path")
}

// Scan sends r over a connection of its own; see Scanner. ErrTooLarge above
// clamd's StreamMaxLength.
func (c *Clamd) Scan(ctx context.Context, r io.Reader) (Result, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, c.network, c.address)
	if err != nil {
		return Result{}, fmt.Errorf("scan: clamd: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	silence := time.AfterFunc(c.patience, cancel)
	defer func() {
		silence.Stop()
		stop()
		cancel()
		_ = conn.Close()
	}()
	sendErr := c.send(conn, r, func() { silence.Reset(c.patience) })
	if _, ok := errors.AsType[*readError](sendErr); ok {
		return Result{}, sendErr // ours, not clamd's
	}
	// clamd closes its side when it has had enough; its reason may still be
	// there to read.
	reply, err := receive(conn)
	if err != nil {
		return Result{}, fmt.Errorf("scan: clamd: %w", errors.Join(sendErr, err))
	}
	return verdict(reply)
}

// readError is a failure of the file, not of the scanner.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

// send calls alive before each part: the time that a client takes is not
// clamd's silence.
func (c *Clamd) send(conn net.Conn, r io.Reader, alive func()) error {
	w := bufio.NewWriterSize(conn, 4+chunk)
	if _, err := w.WriteString("zINSTREAM\x00"); err != nil {
		return err
	}
	buf := make([]byte, chunk)
	for {
		n, readErr := io.ReadFull(r, buf)
		if n > 0 {
			alive()
			if err := errors.Join(binary.Write(w, binary.BigEndian, uint32(n)), discard(w.Write(buf[:n]))); err != nil { //nolint:gosec // n ≤ chunk
				return err
			}
		}
		switch {
		case errors.Is(readErr, io.EOF), errors.Is(readErr, io.ErrUnexpectedEOF):
			return errors.Join(binary.Write(w, binary.BigEndian, uint32(0)), w.Flush())
		case readErr != nil:
			return &readError{fmt.Errorf("scan: read the file: %w", readErr)}
		}
	}
}

func discard(_ int, err error) error { return err }

func receive(conn net.Conn) (string, error) {
	reply, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString(0)
	if err != nil && reply == "" {
		return "", err
	}
	return strings.TrimRight(reply, "\x00\n"), nil
}

// verdict reads "stream: OK", "stream: <name> FOUND" or "<text> ERROR".
func verdict(reply string) (Result, error) {
	switch {
	case strings.HasSuffix(reply, ": OK"):
		return Result{}, nil
	case strings.HasSuffix(reply, " FOUND"):
		_, name, _ := strings.Cut(strings.TrimSuffix(reply, " FOUND"), ": ")
		return Result{Infected: true, Name: name}, nil
	case strings.Contains(reply, "size limit exceeded"):
		return Result{}, ErrTooLarge
	default:
		return Result{}, fmt.Errorf("scan: clamd answered %q", reply)
	}
}
