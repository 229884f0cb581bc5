package credential

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/ws/closing"
)

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
		// Everybody has the public key: an attacker who may choose the method could sign with it as with a secret.
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
			if _, why := k.Verify(t.Context(), text); (why == closing.None()) != (token == name) {
				t.Errorf("a token with %s, where keys are for %s: %+v", token, name, why)
			}
		}
	}
}

func TestLengthOfATokenIsBounded(t *testing.T) {
	t.Parallel()
	token := sign(t, jwt.SigningMethodHS256, []byte(testSecret),
		jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook), "x": strings.Repeat("x", 5000)})
	for most, taken := range map[int]int{len(token): len(token), len(token) - 1: len(token) - 1, 0: 4096} {
		_, why := mustKeys(t, KeysConfig{Secret: []byte(testSecret), MaxToken: most}).Verify(t.Context(), token)
		if len(token) <= taken {
			if why != closing.None() {
				t.Errorf("%d bytes where %d are taken: %+v", len(token), taken, why)
			}
			continue
		}
		// The reader learns what is wrong, and which setting to change.
		if why.Code != 4001 || !strings.HasPrefix(why.Text, "bad_token: ") || !strings.Contains(why.Text, fmt.Sprint(len(token))) ||
			!strings.Contains(why.Text, fmt.Sprint(taken)) || !strings.Contains(why.Text, "KITCHEN_MAX_TOKEN_BYTES") {
			t.Errorf("%d bytes where %d are taken: %+v", len(token), taken, why)
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
	v, why := keys.Verify(t.Context(), token)
	if why != closing.None() || v.User != cook || !v.Expires.Equal(expires) {
		t.Errorf("user %q until %v, %+v", v.User, v.Expires, why)
	}
	if _, err := SignToken([]byte("short"), cook, expires); err == nil {
		t.Error("signed with a short secret")
	}
	if _, err := SignToken([]byte(testSecret), "some body", expires); err == nil {
		t.Error("signed a token for a text that can be no user's id")
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
		v, why := keys.Verify(t.Context(), token)
		if why != closing.None() {
			if why.Code != 4001 {
				t.Errorf("refused with %d", why.Code)
			}
			return
		}
		// Whatever is taken was signed: with the secret, over exactly this text.
		text, signature := token[:strings.LastIndexByte(token, '.')], token[strings.LastIndexByte(token, '.')+1:]
		mac := hmac.New(sha256.New, []byte(testSecret))
		mac.Write([]byte(text))
		if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != signature || v.User != cook || !v.Expires.After(noon()) {
			t.Errorf("%q was taken for %q until %v", token, v.User, v.Expires)
		}
	})
}
