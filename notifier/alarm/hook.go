package alarm

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"kitchen/db/order"
)

const (
	hookTimeout = 10 * time.Second // of one attempt
	hookLasts   = 10 * time.Minute // how long a failing post is retried
	hookLeaves  = 15 * time.Second // how long an alarm is left to the node that checks: it may have no hook, where not all nodes were given one
)

// SignatureHeader is the HTTP header with which a receiver verifies that an alarm comes from a node that knows the secret:
// "sha256=" and the HMAC of the body in hexadecimal.
const SignatureHeader = "X-Kitchen-Signature"

// Posts are the alarms that wait to be posted. They are in the database, so that those of a node that dies are posted by another.
type Posts interface {
	// AlarmPosts reads them, the oldest first.
	AlarmPosts(ctx context.Context) ([]order.AlarmPost, error)
	// AlarmPosted forgets one that was posted.
	AlarmPosted(ctx context.Context, id int64) error
}

// Hook posts alarms to one address, one after the other in their order, each until it is taken. Of a node that dies while it posts, the
// next one cannot know whether the alarm was taken, and posts it again.
type Hook struct {
	url    *url.URL
	secret []byte
	posts  Posts
	log    *slog.Logger
	wake   chan struct{} // holds one token while alarms may wait
	client *http.Client
	first  time.Duration // the pause after the first failure
	checks atomic.Bool   // this node checks for orders that nobody has seen, and no other

	// Owned by Run.
	posted  map[int64]bool // could not be forgotten yet, and is not posted again
	failing bool           // the database did not answer last time
}

// NewHook makes a hook, which does nothing until [Hook.Run]. Without a secret nothing is signed.
func NewHook(address *url.URL, secret []byte, posts Posts, log *slog.Logger) *Hook {
	return &Hook{url: address, secret: secret, posts: posts, log: log, wake: make(chan struct{}, 1), first: time.Second, posted: map[int64]bool{},
		client: &http.Client{
			Timeout:   hookTimeout,
			Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}, // alarms are rare
			// A redirect may lead to a host that nobody has chosen.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
}

// Wake says that alarms may wait, and whether it is this node that checks. It never blocks.
func (h *Hook) Wake(checks bool) {
	h.checks.Store(checks)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Run posts until ctx ends.
func (h *Hook) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		err := h.postAll(ctx)
		if err != nil && ctx.Err() == nil && !h.failing { // logged once, until it succeeds
			h.log.Warn("alarms may wait to be posted, trying again", "to", h.url.Host, "err", err)
		}
		h.failing = err != nil
	}
}

// postAll posts all that waits. It reads what waits anew for each, because another node may have posted the rest meanwhile.
func (h *Hook) postAll(ctx context.Context) error {
	for {
		waiting, err := h.posts.AlarmPosts(ctx)
		if err != nil || len(waiting) == 0 {
			return err
		}
		p := waiting[0]
		if !h.checks.Load() && p.Waited < hookLeaves {
			return nil
		}
		if !h.posted[p.ID] {
			err := h.deliver(ctx, p)
			if ctx.Err() != nil {
				return ctx.Err() // it was not taken, or nobody knows
			}
			if err != nil {
				h.log.Error("an alarm could not be posted", "to", h.url.Host, "restaurant", p.Restaurant, "reason", p.Reason, "err", err)
			}
			h.posted[p.ID] = true
		}
		if err := h.posts.AlarmPosted(ctx, p.ID); err != nil {
			return err
		}
		delete(h.posted, p.ID)
	}
}

// deliver posts an alarm, and retries with growing pauses after an error that may pass, unless another node has posted it meanwhile.
func (h *Hook) deliver(ctx context.Context, p order.AlarmPost) error {
	growing := backoff.NewExponentialBackOff()
	growing.InitialInterval, growing.MaxInterval = h.first, time.Minute
	failed := false
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if failed && !h.waits(ctx, p.ID) {
			return struct{}{}, nil
		}
		err := h.attempt(ctx, p.Body)
		failed = err != nil
		return struct{}{}, err
	}, backoff.WithBackOff(growing), backoff.WithMaxElapsedTime(hookLasts))
	return err
}

// waits reports whether an alarm still waits to be posted, as far as the database says.
func (h *Hook) waits(ctx context.Context, id int64) bool {
	waiting, err := h.posts.AlarmPosts(ctx)
	return err != nil || slices.ContainsFunc(waiting, func(p order.AlarmPost) bool { return p.ID == id })
}

func (h *Hook) attempt(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url.String(), bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "kitchen")
	if len(h.secret) > 0 {
		mac := hmac.New(sha256.New, h.secret)
		mac.Write(body)
		request.Header.Set(SignatureHeader, "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	response, err := h.client.Do(request)
	if err != nil {
		var in *url.Error // which names the address, and with it what may be secret
		if errors.As(err, &in) {
			err = in.Err
		}
		return fmt.Errorf("post: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	switch code := response.StatusCode; {
	case code < 300:
		return nil
	case code < 400:
		return backoff.Permanent(fmt.Errorf("it answers %s: give the address that this leads to, redirects are not followed", response.Status))
	case code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return backoff.Permanent(fmt.Errorf("it answers %s", response.Status))
	}
	return fmt.Errorf("it answers %s", response.Status)
}
