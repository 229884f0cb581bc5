package notifier

import (
	"bytes"

	"kitchen/db/order"
)

// screens counts which stations the displays of a restaurant show. Guarded by the kitchen's seq.
type screens struct {
	known       bool // the counts of other nodes have been read
	own, others order.Screens
	sent        []byte // the document that subscribers have, or nil
}

type screensMessage struct {
	Type     string         `json:"type"`
	Stations []stationCount `json:"stations"`
	All      int            `json:"all"`
}

type stationCount struct {
	ID      string `json:"id"`
	Screens int    `json:"screens"`
}

// setScreens takes the counts of this node and, where they could be read, of the others. It sends the sums where they have changed.
func (k *kitchen) setScreens(own, others order.Screens, answered bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.screens.known, k.screens.own = true, own
	if answered {
		k.screens.others = others
	}
	k.updateScreens()
}

// updateScreens sends the counts where they, or the restaurant's stations, have changed. The caller holds seq.
func (k *kitchen) updateScreens() {
	if !k.screens.known || !k.sent.loaded || len(k.subscriptions) == 0 {
		return
	}
	sum := k.screens.own.Plus(k.screens.others)
	m := screensMessage{Type: "screens", Stations: []stationCount{}, All: sum.All}
	for _, s := range k.sent.restaurant.Stations.All() {
		m.Stations = append(m.Stations, stationCount{s.ID, sum.Stations[s.ID]})
	}
	doc := encode(&m)
	if bytes.Equal(doc, k.screens.sent) {
		return
	}
	k.screens.sent = doc
	k.deliver(k.message(order.ScreensMessage, doc))
}

// hasStations reports whether the restaurant has stations, so that other nodes need this node's counts.
func (k *kitchen) hasStations() bool {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.sent.restaurant.Stations != ""
}
