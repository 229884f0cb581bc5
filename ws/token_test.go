package ws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/db/order"
)

// noon is the time of these tests.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func mustKeys(t testing.TB, cfg KeysConfig) *Keys {
	t.Helper()
	cfg.Now = noon
	k, err := NewKeys(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func publicPEM(t testing.TB, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestClaims(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	at := func(d time.Duration) int64 { return noon().Add(d).Unix() }
	for _, c := range []struct {
		name   string
		change jwt.MapClaims // nil removes a claim
		want   closing
	}{
		{"as simplejwt makes them", nil, noClosing()},
		{"a fraction of a second", jwt.MapClaims{"exp": float64(at(0)) + 0.5}, noClosing()},
		{"no token_type", jwt.MapClaims{"token_type": nil}, noClosing()},
		{"no jti", jwt.MapClaims{"jti": nil}, noClosing()},
		{"user_id in upper case", jwt.MapClaims{"user_id": strings.ToUpper(string(cook))}, noClosing()},
		{"nbf a little ahead", jwt.MapClaims{"nbf": at(20 * time.Second)}, noClosing()},
		{"nbf far ahead", jwt.MapClaims{"nbf": at(time.Minute)}, closeBadToken()},
		{"nbf a string", jwt.MapClaims{"nbf": "1"}, closeBadToken()},
		{"a refresh token", jwt.MapClaims{"token_type": "refresh"}, closeBadToken()},
		{"token_type a number", jwt.MapClaims{"token_type": 1}, closeBadToken()},
		{"jti a number", jwt.MapClaims{"jti": 7}, closeBadToken()},
		{"no exp", jwt.MapClaims{"exp": nil}, closeBadToken()},
		{"exp zero", jwt.MapClaims{"exp": 0}, closeExpired()},
		{"exp negative", jwt.MapClaims{"exp": -1}, closeBadToken()},
		{"exp a string", jwt.MapClaims{"exp": "4102444800"}, closeBadToken()},
		{"exp an object", jwt.MapClaims{"exp": map[string]any{}}, closeBadToken()},
		{"exp true", jwt.MapClaims{"exp": true}, closeBadToken()},
		{"exp beyond all calendars", jwt.MapClaims{"exp": 1e30}, closeBadToken()},
		{"expired a second ago", jwt.MapClaims{"exp": at(-time.Second)}, closeExpired()},
		{"expired now", jwt.MapClaims{"exp": at(0)}, closeExpired()},
		{"no user_id", jwt.MapClaims{"user_id": nil}, closeBadToken()},
		{"user_id null", jwt.MapClaims{"user_id": json.RawMessage("null")}, closeBadToken()},
		{"user_id empty", jwt.MapClaims{"user_id": ""}, closeBadToken()},
		{"user_id a fraction", jwt.MapClaims{"user_id": 4.5}, closeBadToken()},
		{"user_id with an exponent", jwt.MapClaims{"user_id": json.RawMessage("1e3")}, closeBadToken()},
		{"user_id true", jwt.MapClaims{"user_id": true}, closeBadToken()},
		{"user_id with a quote", jwt.MapClaims{"user_id": "4'2"}, closeBadToken()},
		{"user_id of 41 bytes", jwt.MapClaims{"user_id": strings.Repeat("4", 41)}, closeBadToken()},
		{"user_id a list", jwt.MapClaims{"user_id": []string{string(cook)}}, closeBadToken()},
	} {
		claims := jwt.MapClaims{"token_type": "access", "exp": at(time.Hour), "iat": at(0), "jti": "x", "user_id": string(cook)}
		for name, value := range c.change {
			if value == nil {
				delete(claims, name)
			} else {
				claims[name] = value
			}
		}
		v, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if why != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, why, c.want)
		}
		if why == noClosing() && v.user != cook {
			t.Errorf("%s: user %q", c.name, v.user)
		}
	}
}

// Django's own users have whole numbers for ids, which simplejwt writes as a number or, in later releases, as a string.
func TestUserIDOfATokenIsAStringOrAWholeNumber(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	for given, want := range map[string]order.UserID{
		"42": "42", `"42"`: "42", "0": "0", "-7": "-7", "9007199254740993": "9007199254740993", `"chef_Ada-2"`: "chef_Ada-2",
		`"` + strings.ToUpper(string(cook)) + `"`: cook,
	} {
		claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": json.RawMessage(given)}
		v, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if why != noClosing() || v.user != want {
			t.Errorf("user_id %s is %q, %+v; want %q", given, v.user, why, want)
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
	verify := func(claims jwt.MapClaims) closing {
		_, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
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
			if why := verify(claims); why == noClosing() && name != "user_id" {
				t.Errorf("%s was taken for %s", other, name)
			}
			delete(claims, name)
			if why := verify(claims); why == noClosing() {
				t.Errorf("%s was taken where %s is missing", other, name)
			}
			claims = good()
			claims[other] = "other"
			if why := verify(claims); why != noClosing() {
				t.Errorf("%s beside a good %s: %+v", other, name, why)
			}
		}
	}
	claims := good()
	claims["Token_Type"] = "refresh"
	if why := verify(claims); why != noClosing() {
		t.Errorf("Token_Type counts: %+v", why)
	}
	// And in the order in which the last of two would win.
	segment := jwtSegment(`{"alg":"HS256"}`) + "." + jwtSegment(fmt.Sprintf(
		`{"exp":%d,"user_id":%q,"iss":"till","aud":"other","AUD":"kitchen"}`, at(time.Hour), cook))
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write([]byte(segment))
	if _, why := keys.verify(t.Context(), segment+"."+base64.RawURLEncoding.EncodeToString(mac.Sum(nil))); why != closeBadToken() {
		t.Errorf("AUD after aud: %+v", why)
	}
}

func TestMethodIsFixedByTheKey(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte(testSecret)
	rsaPEM, ecPEM, edPEM := publicPEM(t, &rsaKey.PublicKey), publicPEM(t, &ecKey.PublicKey), publicPEM(t, public)
	claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook)}

	tokens := map[string]string{
		"HS256":           sign(t, jwt.SigningMethodHS256, secret, claims),
		"HS384":           sign(t, jwt.SigningMethodHS384, secret, claims),
		"HS512":           sign(t, jwt.SigningMethodHS512, secret, claims),
		"another secret":  sign(t, jwt.SigningMethodHS256, []byte("another secret, as long as that one"), claims),
		"an empty secret": sign(t, jwt.SigningMethodHS256, []byte{}, claims),
		"RS256":           sign(t, jwt.SigningMethodRS256, rsaKey, claims),
		"RS512":           sign(t, jwt.SigningMethodRS512, rsaKey, claims),
		"PS256":           sign(t, jwt.SigningMethodPS256, rsaKey, claims),
		"ES256":           sign(t, jwt.SigningMethodES256, ecKey, claims),
		"EdDSA":           sign(t, jwt.SigningMethodEdDSA, private, claims),
		"none":            sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims),
		// The public key is public: whoever may choose the method can sign with it as if it were a secret.
		"HS256 with the RSA key's PEM": sign(t, jwt.SigningMethodHS256, rsaPEM, claims),
		"HS256 with the EC key's PEM":  sign(t, jwt.SigningMethodHS256, ecPEM, claims),
		"HS256 with the Ed key's PEM":  sign(t, jwt.SigningMethodHS256, edPEM, claims),
	}
	parts := strings.Split(tokens["HS256"], ".")
	for name, header := range map[string]string{
		"None": `{"alg":"None"}`, "NONE": `{"alg":"NONE"}`, "no alg": `{"typ":"JWT"}`, "an empty alg": `{"alg":""}`,
		"alg a number": `{"alg":256}`, "an unknown alg": `{"alg":"XX256"}`, "no header": ``, "a null header": `null`,
	} {
		head := strings.TrimRight(jwtSegment(header), "=")
		tokens[name] = head + "." + parts[1] + "." + parts[2]
		tokens[name+", unsigned"] = head + "." + parts[1] + "."
	}
	tokens["two parts"] = parts[0] + "." + parts[1]
	tokens["four parts"] = tokens["HS256"] + ".x"
	tokens["only dots"] = strings.Repeat(".", 4000)
	tokens["an unknown critical extension"] = func() string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
		token.Header["crit"] = []string{"b64"}
		signed, err := token.SignedString(secret)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}()

	for name, k := range map[string]*Keys{
		"HS256": mustKeys(t, KeysConfig{Secret: secret}),
		"RS256": mustKeys(t, KeysConfig{PublicKeyPEM: rsaPEM}),
		"ES256": mustKeys(t, KeysConfig{PublicKeyPEM: ecPEM}),
		"EdDSA": mustKeys(t, KeysConfig{PublicKeyPEM: edPEM}),
	} {
		for token, text := range tokens {
			if _, why := k.verify(t.Context(), text); (why == noClosing()) != (token == name) {
				t.Errorf("a token with %s, where keys are for %s: %+v", token, name, why)
			}
		}
	}
}

func jwtSegment(s string) string { return (&jwt.Token{}).EncodeSegment([]byte(s)) }

func TestExpiredIsSaidOnlyOfSignedTokens(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	claims := jwt.MapClaims{"exp": noon().Add(-time.Hour).Unix(), "user_id": string(cook)}
	_, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte("another secret, as long as that one"), claims))
	if why != closeBadToken() {
		t.Errorf("a forged token is called %q", why.reason)
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
		_, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims))
		if (why == noClosing()) != c.ok {
			t.Errorf("iss %v, aud %v: %+v", c.iss, c.aud, why)
		}
	}
}

func TestPublicKeysCanBeRotated(t *testing.T) {
	t.Parallel()
	old, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook)}
	both := append(publicPEM(t, &old.PublicKey), publicPEM(t, &next.PublicKey)...)
	for _, key := range []*ecdsa.PrivateKey{old, next} {
		token := sign(t, jwt.SigningMethodES256, key, claims)
		if _, why := mustKeys(t, KeysConfig{PublicKeyPEM: both}).verify(t.Context(), token); why != noClosing() {
			t.Errorf("with both keys: %+v", why)
		}
		_, why := mustKeys(t, KeysConfig{PublicKeyPEM: publicPEM(t, &next.PublicKey)}).verify(t.Context(), token)
		if (why == noClosing()) != (key == next) {
			t.Errorf("with the new key alone: %+v", why)
		}
	}
}

func TestSecretsCanBeRotated(t *testing.T) {
	t.Parallel()
	next := []byte("another secret, as long as that one")
	claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook)}
	for _, secret := range [][]byte{[]byte(testSecret), next} {
		token := sign(t, jwt.SigningMethodHS256, secret, claims)
		if _, why := mustKeys(t, KeysConfig{Secret: next, OldSecrets: [][]byte{[]byte(testSecret)}}).verify(t.Context(), token); why != noClosing() {
			t.Errorf("with both secrets: %+v", why)
		}
		_, why := mustKeys(t, KeysConfig{Secret: next}).verify(t.Context(), token)
		if (why == noClosing()) != (string(secret) == string(next)) {
			t.Errorf("with the new secret alone: %+v", why)
		}
	}
}

func TestLifeOfATokenIsBoundedWhereConfigured(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret), MaxLife: time.Hour})
	for left, ok := range map[time.Duration]bool{time.Minute: true, time.Hour + clockSkew: true, time.Hour + clockSkew + time.Second: false} {
		claims := jwt.MapClaims{"exp": noon().Add(left).Unix(), "user_id": string(cook)}
		if _, why := keys.verify(t.Context(), sign(t, jwt.SigningMethodHS256, []byte(testSecret), claims)); (why == noClosing()) != ok {
			t.Errorf("good for %v: %+v", left, why)
		}
	}
}

func TestLengthOfATokenIsBounded(t *testing.T) {
	t.Parallel()
	token := sign(t, jwt.SigningMethodHS256, []byte(testSecret),
		jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook), "x": strings.Repeat("x", 5000)})
	for most, taken := range map[int]int{len(token): len(token), len(token) - 1: len(token) - 1, 0: 4096} {
		_, why := mustKeys(t, KeysConfig{Secret: []byte(testSecret), MaxToken: most}).verify(t.Context(), token)
		if len(token) <= taken {
			if why != noClosing() {
				t.Errorf("%d bytes where %d are taken: %+v", len(token), taken, why)
			}
			continue
		}
		// Whoever reads it knows what is wrong, and which setting to change.
		if why.code != 4001 || !strings.HasPrefix(why.reason, "bad_token: ") || !strings.Contains(why.reason, fmt.Sprint(len(token))) ||
			!strings.Contains(why.reason, fmt.Sprint(taken)) || !strings.Contains(why.reason, "KITCHEN_MAX_TOKEN_BYTES") {
			t.Errorf("%d bytes where %d are taken: %+v", len(token), taken, why)
		}
	}
}

func TestWeakAndMixedKeysAreRefused(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(good)
	if err != nil {
		t.Fatal(err)
	}
	goodPEM := publicPEM(t, &good.PublicKey)
	for name, cfg := range map[string]KeysConfig{
		"nothing":               {},
		"an empty secret":       {Secret: []byte{}},
		"31 bytes":              {Secret: []byte(testSecret[:31])},
		"a placeholder":         {Secret: []byte("please-change-me-in-production-0123456789")},
		"a tutorial's":          {Secret: []byte("A-string-secret-at-least-256-bits-long")},
		"a short old one":       {Secret: []byte(testSecret), OldSecrets: [][]byte{[]byte("short")}},
		"an old one alone":      {OldSecrets: [][]byte{[]byte(testSecret)}},
		"old ones beside a key": {PublicKeyPEM: goodPEM, OldSecrets: [][]byte{[]byte(testSecret)}},
		"a repeated word":       {Secret: []byte("changemechangemechangemechangemechangeme")},
		"zeros":                 {Secret: make([]byte, 64)},
		"both":                  {Secret: []byte(testSecret), PublicKeyPEM: goodPEM},
		"no PEM":                {PublicKeyPEM: []byte("hello")},
		"a private key":         {PublicKeyPEM: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})},
		"a broken key":          {PublicKeyPEM: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})},
		"RSA of 1024 bits":      {PublicKeyPEM: publicPEM(t, &short.PublicKey)},
		"P-384":                 {PublicKeyPEM: publicPEM(t, &curve.PublicKey)},
		"two kinds":             {PublicKeyPEM: append(append([]byte{}, goodPEM...), publicPEM(t, public)...)},
		"rubbish after a key":   {PublicKeyPEM: append(append([]byte{}, goodPEM...), "rubbish"...)},
		"a key, and a private":  {PublicKeyPEM: append(append([]byte{}, goodPEM...), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)},
	} {
		if _, err := NewKeys(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestSignedTokensAreTaken(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, KeysConfig{Secret: []byte(testSecret)})
	expires := noon().Add(time.Hour)
	token, err := SignToken([]byte(testSecret), cook, expires)
	if err != nil {
		t.Fatal(err)
	}
	v, why := keys.verify(t.Context(), token)
	if why != noClosing() || v.user != cook || !v.expires.Equal(expires) {
		t.Errorf("user %q until %v, %+v", v.user, v.expires, why)
	}
	if _, err := SignToken([]byte("short"), cook, expires); err == nil {
		t.Error("signed with a short secret")
	}
	if _, err := SignToken([]byte(testSecret), "some body", expires); err == nil {
		t.Error("signed for what can be nobody's id")
	}
}

func FuzzToken(f *testing.F) {
	keys := mustKeys(f, KeysConfig{Secret: []byte(testSecret)})
	good, err := SignToken([]byte(testSecret), cook, noon().Add(time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, "", ".", "..", "a.b.c", good + ".", good[1:], good[:len(good)-1]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		v, why := keys.verify(t.Context(), token)
		if why != noClosing() {
			if why.code != 4001 {
				t.Errorf("refused with %d", why.code)
			}
			return
		}
		// Whatever is taken was signed: with the secret, over exactly this text.
		text, signature := token[:strings.LastIndexByte(token, '.')], token[strings.LastIndexByte(token, '.')+1:]
		mac := hmac.New(sha256.New, []byte(testSecret))
		mac.Write([]byte(text))
		if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != signature || v.user != cook || !v.expires.After(noon()) {
			t.Errorf("%q was taken for %q until %v", token, v.user, v.expires)
		}
	})
}

func FuzzRestaurantPath(f *testing.F) {
	for _, seed := range []string{string(bistro), strings.ToUpper(string(bistro)), string(bistro) + " ", "{" + string(bistro) + "}",
		"urn:uuid:" + string(bistro), strings.ReplaceAll(string(bistro), "-", ""), "", "42", strings.Repeat("-", 36)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		id, err := order.ParseRestaurantID(path)
		if err != nil {
			return
		}
		if again, err := order.ParseRestaurantID(string(id)); err != nil || again != id || !strings.EqualFold(string(id), path) || len(id) != 36 {
			t.Errorf("%q became %q, which became %q", path, id, again)
		}
	})
}
