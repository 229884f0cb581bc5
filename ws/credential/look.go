package credential

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Look asks the address once, whether or not the keys are run, and changes nothing. It returns the keys that can verify
// tokens here, each as its method and its kid, and how many keys were published in all. An error says why there are none.
func (r *RemoteKeys) Look(ctx context.Context) (usable []string, published int, err error) {
	defer r.client.CloseIdleConnections()
	body, err := r.download(ctx)
	if err != nil {
		return nil, 0, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_ = json.Unmarshal(body, &set) // which parseKeySet says better
	found, err := parseKeySet(body)
	for _, k := range found {
		usable = append(usable, fmt.Sprintf("%s %.64q", k.method, k.id))
	}
	slices.Sort(usable)
	return usable, len(set.Keys), err
}
