package lookout

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"kitchen/db/order"
)

const (
	hookQueue   = 1000             // alarms that wait to be posted; more are dropped
	hookTimeout = 10 * time.Second // of one attempt
	hookLasts   = 10 * time.Minute // how long a failing post is retried
)

// SignatureHeader is the HTTP header with which a receiver verifies that an alarm comes from a node that knows the secret:
// "sha256=" and the HMAC of the body in hexadecimal.
const SignatureHeader = "X-Kitchen-Signature"

// Hook posts alarms to one address, one after the other in their order, each until it is taken.
type Hook struct {
	url    *url.URL
	secret []byte
	log    *slog.Logger
	queue  chan order.Alarm
	client *http.Client
	first  time.Duration // the pause after the first failure
}

// NewHook makes a hook, which does nothing until [Hook.Run]. Without a secret nothing is signed.
func NewHook(address *url.URL, secret []byte, log *slog.Logger) *Hook {
	return &Hook{url: address, secret: secret, log: log, queue: make(chan order.Alarm, hookQueue), first: time.Second,
		client: &http.Client{
			Timeout:   hookTimeout,
			Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}, // alarms are rare
			// A redirect may lead to a host that nobody has chosen.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
}

// Post queues an alarm to be posted. It never blocks.
func (h *Hook) Post(a order.Alarm) {
	select {
	case h.queue <- a:
	default:
		h.log.Error("an alarm is not posted: too many wait", "to", h.url.Host, "restaurant", a.Restaurant, "reason", a.Reason)
	}
}

// Run posts until ctx ends.
func (h *Hook) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-h.queue:
			if err := h.deliver(ctx, a); err != nil && ctx.Err() == nil {
				h.log.Error("an alarm could not be posted", "to", h.url.Host, "restaurant", a.Restaurant, "reason", a.Reason, "err", err)
			}
		}
	}
}

// deliver posts an alarm, and retries with growing pauses after an error that may pass.
func (h *Hook) deliver(ctx context.Context, a order.Alarm) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode an alarm: %w", err)
	}
	growing := backoff.NewExponentialBackOff()
	growing.InitialInterval, growing.MaxInterval = h.first, time.Minute
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, h.attempt(ctx, body) },
		backoff.WithBackOff(growing), backoff.WithMaxElapsedTime(hookLasts))
	return err
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
