package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// claims are what djangorestframework-simplejwt puts into an access token. They are typed: read into a map, an exp of 0
// counts as missing and ids collapse into floating point numbers.
type claims struct {
	TokenType *string
	Expires   *numericDate
	NotBefore *numericDate
	ID        *string
	UserID    userClaim
	Issuer    string
	Audience  jwt.ClaimStrings
}

// UnmarshalJSON reads claims by their exact names. Into a struct with tags, encoding/json would take "AUD" for "aud", so
// that a token could carry one audience for the program that checks it and another for us.
func (c *claims) UnmarshalJSON(b []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(b, &given); err != nil {
		return err
	}
	for name, into := range map[string]any{
		"token_type": &c.TokenType, "exp": &c.Expires, "nbf": &c.NotBefore, "jti": &c.ID, "user_id": &c.UserID,
		"iss": &c.Issuer, "aud": &c.Audience,
	} {
		raw, ok := given[name]
		if name == "token_type" && string(raw) == "null" {
			return errors.New("claim token_type: null is no kind of token")
		}
		if ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return fmt.Errorf("claim %s: %w", name, err)
			}
		}
	}
	return nil
}

// userClaim is the user_id of a token: a string, or a whole number, which is what Django's own users have.
type userClaim string

func (u *userClaim) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil { // null is the empty string, which no user has
		*u = userClaim(text)
		return nil
	}
	// Read as text, because a float64 cannot distinguish 9007199254740993 from its neighbour.
	if _, err := strconv.ParseInt(string(b), 10, 64); err != nil {
		return errors.New("neither a string nor a whole number")
	}
	*u = userClaim(b)
	return nil
}

// userID reads the id of a user, of whatever type the database's are: a uuid, a number, or a short text, as it is spelled. One that
// the database cannot have is left to the store, which does not find it.
func userID(s string) (order.UserID, bool) {
	other := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}
	return order.UserID(s), s != "" && len(s) <= maxUserID && strings.IndexFunc(s, other) < 0
}

// maxUserID is the longest id of a user, in bytes, that a database's tables may have.
const maxUserID = 40

// numericDate is a JSON number of seconds since 1970 (RFC 7519 section 2). The library's own type takes a string too.
type numericDate struct{ time.Time }

func (d *numericDate) UnmarshalJSON(b []byte) error {
	seconds, err := strconv.ParseFloat(string(b), 64)
	// The upper bound is the year 10000, which RFC 3339 cannot write; it also keeps the conversion from overflowing.
	if err != nil || seconds < 0 || seconds >= 253402300800 {
		return errors.New("not a time in seconds")
	}
	d.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
	return nil
}

// The methods of jwt.Claims, which the library checks for us.

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Expires.date(), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return "", nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return c.Audience, nil }

// GetNotBefore allows for another server's clock. The expiry has no such grace: a socket closes when its token says so.
func (c *claims) GetNotBefore() (*jwt.NumericDate, error) {
	if c.NotBefore == nil {
		return nil, nil
	}
	return &jwt.NumericDate{Time: c.NotBefore.Add(-clockSkew)}, nil
}

func (d *numericDate) date() *jwt.NumericDate {
	if d == nil {
		return nil
	}
	return &jwt.NumericDate{Time: d.Time}
}

// Verified is what a token says of itself, and the key that proves it.
type Verified struct {
	User    order.UserID
	Expires time.Time
	Key     *Key
}

// Verify reads a token. Where it is refused, it answers why in a form that can be sent and logged, which an error of the
// library, with pieces of the token in it, cannot. It may ask the address of the keys, and waits for that no longer than ctx.
func (k *Keys) Verify(ctx context.Context, token string) (Verified, closing.Reason) {
	if len(token) > k.maxToken {
		return Verified{}, closing.LongToken(len(token), k.maxToken)
	}
	candidates := k.keys
	if k.remote != nil {
		var why closing.Reason
		if candidates, why = k.remote.candidates(ctx, token); why != closing.None() {
			return Verified{}, why
		}
	}
	why := closing.BadToken()
	for _, key := range candidates {
		var v Verified
		if v, why = k.verifyWith(key, token); why != closing.BadToken() {
			return v, why
		}
	}
	return Verified{}, why
}

// verifyWith answers closeBadToken also where another key may do.
func (k *Keys) verifyWith(key *Key, token string) (Verified, closing.Reason) {
	var c claims
	_, err := k.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok {
			return nil, errors.New("crit names extensions that are not known here") // RFC 7515 section 4.1.11
		}
		if t.Method.Alg() != key.method {
			return nil, errors.New("the key is for another method")
		}
		return key.verify, nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenExpired): // which is looked at after the signature
		return Verified{}, closing.Expired()
	case err != nil:
		return Verified{}, closing.BadToken()
	case c.TokenType != nil && *c.TokenType != "access":
		return Verified{}, closing.BadToken()
	case k.maxLife > 0 && c.Expires.Sub(k.now()) > k.maxLife+clockSkew:
		return Verified{}, closing.BadToken()
	}
	id, ok := userID(string(c.UserID))
	if !ok {
		return Verified{}, closing.BadToken()
	}
	return Verified{User: id, Expires: c.Expires.Time, Key: key}, closing.None()
}

// SignToken makes an access token as djangorestframework-simplejwt does, signed with HS256.
func SignToken(secret []byte, user order.UserID, expires time.Time) (string, error) {
	if err := checkSecret(secret); err != nil {
		return "", err
	}
	id, ok := userID(string(user))
	if !ok {
		return "", fmt.Errorf("sign token: %.50q cannot be the id of a user", user)
	}
	claims := jwt.MapClaims{
		"token_type": "access",
		"exp":        expires.Unix(),
		"iat":        time.Now().Unix(),
		"jti":        uuid.NewString(),
		"user_id":    id,
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}
