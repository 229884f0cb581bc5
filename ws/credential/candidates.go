package credential

import (
	"context"
	"time"

	"kitchen/ws/closing"
)

// candidates are the keys that may have signed a token: the one that it names, or all where it names none. For a name that is not
// known, the address is asked once more.
func (r *RemoteKeys) candidates(ctx context.Context, token string) ([]*Key, closing.Reason) {
	head, _, err := r.parser.ParseUnverified(token, &claims{})
	if err != nil {
		return nil, closing.BadToken()
	}
	id, named := head.Header["kid"].(string)
	if _, has := head.Header["kid"]; has && !named {
		return nil, closing.BadToken()
	}
	keys, again := r.find(id, named)
	if again != nil {
		if r.awaiting.Add(1) > maxAwaiting {
			r.awaiting.Add(-1)
			return nil, closing.Unavailable()
		}
		select {
		case <-again:
		case <-ctx.Done():
		}
		r.awaiting.Add(-1)
		keys, _ = r.find(id, named)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// Without an answer that is younger than the token, its key may have been published since, and the token be good.
	if ruledOut := r.known && !r.failed && r.absent[id]; len(keys) == 0 && !ruledOut {
		return nil, closing.Unavailable()
	}
	return keys, closing.None()
}

// find returns keys, or, where there are none, what to wait for if that may help.
func (r *RemoteKeys) find(id string, named bool) (keys []*Key, again <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if !named || k.id == id {
			keys = append(keys, &k.Key)
		}
	}
	if len(keys) == 0 && named && len(r.unknown) < maxUnknown {
		r.unknown[id] = true
	}
	if len(keys) > 0 || !r.tried.IsZero() && time.Since(r.tried) < unknownRest {
		return keys, nil
	}
	if r.awaited == nil {
		r.awaited = make(chan struct{})
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
	return nil, r.awaited
}
