package credential

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// maxKeySet is the most, in bytes, that is read of a key set.
	maxKeySet = 256 << 10
	// fetchTimeout is how long an address may take to answer.
	fetchTimeout = 5 * time.Second
	// unknownRest is how long ago the address must have been asked for a token with an unknown kid to have it asked again.
	unknownRest = 5 * time.Second
	// maxAwaiting tokens wait for an answer at one time, so that a flood of made up kids holds few sockets.
	maxAwaiting = 64
	// maxUnknown kids are remembered until the next answer says whether it has their keys.
	maxUnknown = 256
)

// RemoteConfig is where keys are published, as a JSON Web Key Set (RFC 7517).
type RemoteConfig struct {
	URL     string        // https, or http on this machine: who can change the answer can sign for anybody
	Refresh time.Duration // between two looks; 5 min
	Log     *slog.Logger
}

// RemoteKeys holds the public keys that an address publishes. If the address cannot be reached, or does not answer with a key
// set, the last known keys stay valid. A key that the answer leaves out is withdrawn, and the displays that it verified are
// closed.
//
// This package fetches the keys itself, because jwkset's HTTP storage and keyfunc do not do all that SECURITY.md promises: close
// the displays of a withdrawn key, treat an answer without a usable key as a failure, bound the size of an answer, and
// distinguish a kid that may have been published since from one that is unknown.
type RemoteKeys struct {
	// Static after construction.
	url     string
	refresh time.Duration
	log     *slog.Logger
	client  *http.Client
	parser  *jwt.Parser
	wake    chan struct{} // holds one value while a token waits for an answer

	awaiting atomic.Int32 // tokens that wait for an answer

	mu      sync.Mutex
	keys    map[[sha256.Size]byte]*remoteKey // by fingerprint
	tried   time.Time                        // when the last try ended
	known   bool                             // there has been a good answer
	failed  bool                             // the last try has
	awaited chan struct{}                    // closed at the end of the next try; nil if nobody waits for it
	unknown map[string]bool                  // kids of tokens since the last try began that have no known key; at most maxUnknown
	absent  map[string]bool                  // kids that the last good answer did not have
}

// NewRemoteKeys asks nothing yet: see [RemoteKeys.Run].
func NewRemoteKeys(cfg RemoteConfig) (*RemoteKeys, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("key set: not an address like https://id.example.com/.well-known/jwks.json")
	}
	if u.Scheme == "http" && !thisMachine(u.Hostname()) {
		return nil, errors.New("key set: use https, since who can change the answer on its way can sign for anybody")
	}
	if cfg.Refresh == 0 {
		cfg.Refresh = 5 * time.Minute
	}
	if cfg.Refresh < time.Second {
		return nil, fmt.Errorf("key set: looking every %v is too often; use 1s or more", cfg.Refresh)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &RemoteKeys{
		url: cfg.URL, refresh: cfg.Refresh, log: cfg.Log,
		client: &http.Client{Timeout: fetchTimeout, CheckRedirect: func(to *http.Request, from []*http.Request) error {
			if to.URL.Scheme != from[0].URL.Scheme || len(from) > 3 {
				return errors.New("the address leads elsewhere")
			}
			return nil
		}},
		parser: jwt.NewParser(), wake: make(chan struct{}, 1), unknown: make(map[string]bool),
	}, nil
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Run looks for keys until ctx ends: at once, then after each Refresh, after a failure sooner, and when a token names a
// key that is not known.
func (r *RemoteKeys) Run(ctx context.Context) {
	defer r.client.CloseIdleConnections()
	again := backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 2, MaxInterval: 30 * time.Second}
	for {
		wait := r.refresh
		if err := r.fetch(ctx); err != nil {
			wait = min(again.NextBackOff(), r.refresh)
		} else {
			again.Reset()
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-r.wake:
			timer.Stop()
		}
	}
}

// Known reports whether there has been an answer yet.
func (r *RemoteKeys) Known() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known
}

// fetch looks once.
func (r *RemoteKeys) fetch(ctx context.Context) error {
	r.mu.Lock()
	unknown := r.unknown
	r.unknown = make(map[string]bool)
	r.mu.Unlock()
	body, err := r.download(ctx)
	var found []*remoteKey
	if err == nil {
		found, err = parseKeySet(body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = time.Now()
	if r.awaited != nil {
		close(r.awaited)
		r.awaited = nil
	}
	select { // the fetch has served the token that woke us
	case <-r.wake:
	default:
	}
	if err != nil {
		if !r.failed && ctx.Err() == nil {
			r.log.Warn("the key set cannot be read: the keys known so far hold, and it is tried again", "keys", len(r.keys), "err", err)
		}
		r.failed = true
		return err
	}
	if r.failed || !r.known {
		r.log.Info("the key set was read", "keys", len(found))
	}
	r.failed, r.known = false, true
	old := r.keys
	r.keys = make(map[[sha256.Size]byte]*remoteKey, len(found))
	for _, k := range found {
		print := k.fingerprint()
		if known := old[print]; known != nil {
			k = known // the same pointer as before, because displays hold it
		}
		r.keys[print] = k
	}
	for print, k := range old {
		if r.keys[print] == nil {
			k.withdrawn.Store(true)
			unknown[k.id] = true
			r.log.Info("a key was withdrawn: what it has signed is not good any more", "kid", fmt.Sprintf("%.64q", k.id))
		}
	}
	for _, k := range r.keys {
		delete(unknown, k.id)
	}
	r.absent = unknown
	return nil
}

func (r *RemoteKeys) download(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, errors.New("the address cannot be asked")
	}
	response, err := r.client.Do(request)
	if err != nil {
		var wrapped *url.Error // with the address in it, which may hold a password
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, fmt.Errorf("ask the address: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the address answers %s", response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxKeySet {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxKeySet)
	}
	return body, nil
}
