package closing

import (
	"slices"
	"strings"
	"testing"
)

func TestCloseReasonsFit(t *testing.T) {
	t.Parallel()
	words := []string{"no_token", "bad_token", "expired", "user_gone", "other_restaurant", "too_slow", "restaurant_full",
		"too_many_messages", "too_big", "stopping", "unavailable", "invalid_message"}
	for _, c := range []Reason{NoToken(), TwoTokens(), BadToken(), LongToken(8<<10+1, 8<<10), Expired(),
		UserGone(), Forbidden(), Screen(), TooSlow(), NoAnswer(), Unfinished(), NotReading(),
		TooManyDisplays(), TooManyOfUser(), TooManyJoins(), Flood(), BadText(), TooBig(), Stopping(),
		Unavailable()} {
		if word, text, ok := strings.Cut(c.Text, ": "); !ok || !slices.Contains(words, word) || text == "" || c.Sentence() != text {
			t.Errorf("%d: the reason %q does not begin with a word and a colon", c.Code, c.Text)
		}
		if len(c.Text) == 0 || len(c.Text) > 123 {
			t.Errorf("%d: a reason of %d bytes", c.Code, len(c.Text))
		}
	}
}
