package scan

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// double speaks clamd's side of INSTREAM: it finds the text VIRUS, and takes at
// most limit bytes.
func double(t *testing.T, network, address string, limit int) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c, limit)
		}
	}()
	return l
}

func answer(c net.Conn, limit int) {
	defer c.Close()
	r := bufio.NewReader(c)
	if command, err := r.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		_, _ = io.WriteString(c, "UNKNOWN COMMAND\x00")
		return
	}
	var all strings.Builder
	for {
		var n uint32
		if binary.Read(r, binary.BigEndian, &n) != nil {
			return
		}
		if n == 0 {
			break
		}
		if all.Len()+int(n) > limit {
			_, _ = io.WriteString(c, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		if _, err := io.CopyN(&all, r, int64(n)); err != nil {
			return
		}
	}
	switch {
	case strings.Contains(all.String(), "VIRUS"):
		_, _ = io.WriteString(c, "stream: Test.Virus-1 FOUND\x00")
	case strings.Contains(all.String(), "ODD"):
		_, _ = io.WriteString(c, "stream: something else\x00")
	default:
		_, _ = io.WriteString(c, "stream: OK\x00")
	}
}

func TestClamd(t *testing.T) {
	tcp := double(t, "tcp", "127.0.0.1:0", 1<<20)
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	double(t, "unix", socket, 1<<20)
	for _, address := range []string{"tcp://" + tcp.Addr().String(), "unix://" + socket} {
		c, err := OpenClamd(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 200_000))); err != nil || got.Infected {
			t.Errorf("a clean file: %+v, %v", got, err)
		}
		if got, err := c.Scan(t.Context(), strings.NewReader("")); err != nil || got.Infected {
			t.Errorf("an empty file: %+v, %v", got, err)
		}
		if got, err := c.Scan(t.Context(), strings.NewReader("a VIRUS")); err != nil || got != (Result{true, "Test.Virus-1"}) {
			t.Errorf("a virus: %+v, %v", got, err)
		}
		if _, err := c.Scan(t.Context(), strings.NewReader("ODD")); err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("an odd answer: %v", err)
		}
	}
}

func TestClamdTooLarge(t *testing.T) {
	l := double(t, "tcp", "127.0.0.1:0", 1000)
	c, err := OpenClamd("tcp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 2000))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a file above the limit: %v", err)
	}
}

func TestClamdAway(t *testing.T) {
	l := double(t, "tcp", "127.0.0.1:0", 1000)
	c, err := OpenClamd("tcp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); err == nil || errors.Is(err, ErrTooLarge) {
		t.Errorf("clamd is away: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	c = &Clamd{"tcp", silent.Addr().String(), 50 * time.Millisecond}
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("a silent clamd gave an answer")
	}
	broken := errors.New("broken")
	l = double(t, "tcp", "127.0.0.1:0", 1000)
	c, _ = OpenClamd("tcp://" + l.Addr().String())
	if _, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("x"), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func TestOpenClamd(t *testing.T) {
	for _, address := range []string{"", "clamd", "tcp://host", "tcp://:3310", "http://host:3310", "unix://"} {
		if _, err := OpenClamd(address); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
