package credential

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	at := func(d time.Duration) int64 { return noon().Add(d).Unix() }
	for _, c := range []struct {
		name   string
		change jwt.MapClaims // nil removes a claim
		want   closing.Reason
	}{
		{"as simplejwt makes them", nil, closing.None()},
		{"a fraction of a second", jwt.MapClaims{"exp": float64(at(0)) + 0.5}, closing.None()},
		{"no token_type", jwt.MapClaims{"token_type": nil}, closing.None()},
		{"no jti", jwt.MapClaims{"jti": nil}, closing.None()},
		{"user_id in upper case", jwt.MapClaims{"user_id": strings.ToUpper(string(cook))}, closing.None()},
		{"nbf a little ahead", jwt.MapClaims{"nbf": at(20 * time.Second)}, closing.None()},
		{"nbf far ahead", jwt.MapClaims{"nbf": at(time.Minute)}, closing.BadToken()},
		{"nbf a string", jwt.MapClaims{"nbf": "1"}, closing.BadToken()},
		{"a refresh token", jwt.MapClaims{"token_type": "refresh"}, closing.BadToken()},
		{"token_type a number", jwt.MapClaims{"token_type": 1}, closing.BadToken()},
		{"token_type null", jwt.MapClaims{"token_type": json.RawMessage("null")}, closing.BadToken()},
		{"jti a number", jwt.MapClaims{"jti": 7}, closing.BadToken()},
		{"no exp", jwt.MapClaims{"exp": nil}, closing.BadToken()},
		{"exp zero", jwt.MapClaims{"exp": 0}, closing.Expired()},
		{"exp negative", jwt.MapClaims{"exp": -1}, closing.BadToken()},
		{"exp a string", jwt.MapClaims{"exp": "4102444800"}, closing.BadToken()},
		{"exp an object", jwt.MapClaims{"exp": map[string]any{}}, closing.BadToken()},
		{"exp true", jwt.MapClaims{"exp": true}, closing.BadToken()},
		{"exp beyond all calendars", jwt.MapClaims{"exp": 1e30}, closing.BadToken()},
		{"expired a second ago", jwt.MapClaims{"exp": at(-time.Second)}, closing.Expired()},
		{"expired now", jwt.MapClaims{"exp": at(0)}, closing.Expired()},
		{"no user_id", jwt.MapClaims{"user_id": nil}, closing.BadToken()},
		{"user_id null", jwt.MapClaims{"user_id": json.RawMessage("null")}, closing.BadToken()},
		{"user_id empty", jwt.MapClaims{"user_id": ""}, closing.BadToken()},
		{"user_id a fraction", jwt.MapClaims{"user_id": 4.5}, closing.BadToken()},
		{"user_id with an exponent", jwt.MapClaims{"user_id": json.RawMessage("1e3")}, closing.BadToken()},
		{"user_id true", jwt.MapClaims{"user_id": true}, closing.BadToken()},
		{"user_id with a quote", jwt.MapClaims{"user_id": "4'2"}, closing.BadToken()},
		{"user_id of 41 bytes", jwt.MapClaims{"user_id": strings.Repeat("4", 41)}, closing.BadToken()},
		{"user_id a list", jwt.MapClaims{"user_id": []string{string(cook)}}, closing.BadToken()},
	} {
		claims := jwt.MapClaims{"token_type": "access", "exp": at(time.Hour), "iat": at(0), "jti": "x", "user_id": string(cook)}
		for name, value := range c.change {
			if value == nil {
				delete(claims, name)
			} else {
				claims[name] = value
			}
		}
		v, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if why != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, why, c.want)
		}
		if why == closing.None() && !strings.EqualFold(string(v.User), string(cook)) { // the store, which knows the type of ids, compares their case
			t.Errorf("%s: user %q", c.name, v.User)
		}
	}
}

// Django's own users have whole numbers for ids, which simplejwt writes as a number or, in later releases, as a string.
func TestUserIDOfATokenIsAStringOrAWholeNumber(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	for given, want := range map[string]order.UserID{
		"42": "42", `"42"`: "42", "0": "0", "-7": "-7", "9007199254740993": "9007199254740993", `"chef_Ada-2"`: "chef_Ada-2",
		`"` + strings.ToUpper(string(cook)) + `"`: order.UserID(strings.ToUpper(string(cook))), // a text, perhaps
	} {
		claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": json.RawMessage(given)}
		v, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if why != closing.None() || v.User != want {
			t.Errorf("user_id %s is %q, %+v; want %q", given, v.User, why, want)
		}
	}
}

// A claim by another spelling of its name is another claim (RFC 7519 section 4), and ignored.
func TestClaimsAreReadByTheirExactNames(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret), Issuer: "till", Audience: "kitchen"})
	at := func(d time.Duration) int64 { return noon().Add(d).Unix() }
	good := func() jwt.MapClaims {
		return jwt.MapClaims{"exp": at(time.Hour), "user_id": string(cook), "iss": "till", "aud": "kitchen", "token_type": "access"}
	}
	verify := func(claims jwt.MapClaims) closing.Reason {
		_, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		return why
	}
	for _, name := range []string{"aud", "iss", "exp", "user_id"} {
		for _, other := range []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]} {
			claims := good()
			claims[other] = claims[name]
			if claims[name] = "other"; name == "exp" {
				claims[name] = at(-time.Hour)
			}
			// JSON has them in the order of their bytes, so the capitals come first; both orders have to be the same.
			if why := verify(claims); why == closing.None() && name != "user_id" {
				t.Errorf("%s was taken for %s", other, name)
			}
			delete(claims, name)
			if why := verify(claims); why == closing.None() {
				t.Errorf("%s was taken where %s is missing", other, name)
			}
			claims = good()
			claims[other] = "other"
			if why := verify(claims); why != closing.None() {
				t.Errorf("%s beside a good %s: %+v", other, name, why)
			}
		}
	}
	claims := good()
	claims["Token_Type"] = "refresh"
	if why := verify(claims); why != closing.None() {
		t.Errorf("Token_Type counts: %+v", why)
	}
	// And in the order in which the last of two would win.
	segment := jwtSegment(`{"alg":"HS256"}`) + "." + jwtSegment(fmt.Sprintf(
		`{"exp":%d,"user_id":%q,"iss":"till","aud":"other","AUD":"kitchen"}`, at(time.Hour), cook))
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write([]byte(segment))
	if _, why := keys.Verify(t.Context(), segment+"."+base64.RawURLEncoding.EncodeToString(mac.Sum(nil))); why != closing.BadToken() {
		t.Errorf("AUD after aud: %+v", why)
	}
}

func TestExpiredIsSaidOnlyOfSignedTokens(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	claims := jwt.MapClaims{"exp": noon().Add(-time.Hour).Unix(), "user_id": string(cook)}
	_, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte("another secret, as long as that one"), claims))
	if why != closing.BadToken() {
		t.Errorf("a forged token is called %q", why.Text)
	}
}

func TestIssuerAndAudienceWhereConfigured(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret), Issuer: "till", Audience: "kitchen"})
	for _, c := range []struct {
		iss, aud any
		ok       bool
	}{
		{"till", "kitchen", true}, {"till", []string{"board", "kitchen"}, true},
		{"other", "kitchen", false}, {"till", "board", false}, {"", "kitchen", false}, {"till", "", false}, {"till", 1, false},
	} {
		claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook), "iss": c.iss, "aud": c.aud}
		_, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if (why == closing.None()) != c.ok {
			t.Errorf("iss %v, aud %v: %+v", c.iss, c.aud, why)
		}
	}
}

func TestLifeOfATokenIsBoundedWhereConfigured(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret), MaxLife: time.Hour})
	for left, ok := range map[time.Duration]bool{time.Minute: true, time.Hour + clockSkew: true, time.Hour + clockSkew + time.Second: false} {
		claims := jwt.MapClaims{"exp": noon().Add(left).Unix(), "user_id": string(cook)}
		if _, why := keys.Verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims)); (why == closing.None()) != ok {
			t.Errorf("good for %v: %+v", left, why)
		}
	}
}
