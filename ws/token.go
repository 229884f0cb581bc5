package ws

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kitchen/db/order"
)

// claims are what djangorestframework-simplejwt puts into an access token. They are typed: read into a map, an exp of 0
// counts as missing and ids collapse into floating point numbers.
type claims struct {
	TokenType *string          `json:"token_type"`
	Expires   *numericDate     `json:"exp"`
	NotBefore *numericDate     `json:"nbf"`
	ID        *string          `json:"jti"`
	UserID    string           `json:"user_id"`
	Issuer    string           `json:"iss"`
	Audience  jwt.ClaimStrings `json:"aud"`
}

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

// verified is what a token says of itself, and the key that proves it.
type verified struct {
	user    order.UserID
	expires time.Time
	key     *key
}

// verify reads a token. Where it is refused, it answers why in a form that can be sent and logged, which an error of the
// library, with pieces of the token in it, cannot. It may ask the address of the keys, and waits for that no longer than ctx.
func (k *Keys) verify(ctx context.Context, token string) (verified, closing) {
	if len(token) > k.maxToken {
		return verified{}, closeBadToken()
	}
	candidates := k.keys
	if k.remote != nil {
		var why closing
		if candidates, why = k.remote.candidates(ctx, token); why != noClosing() {
			return verified{}, why
		}
	}
	why := closeBadToken()
	for _, key := range candidates {
		var v verified
		if v, why = k.verifyWith(key, token); why != closeBadToken() {
			return v, why
		}
	}
	return verified{}, why
}

// verifyWith answers closeBadToken also where another key may do.
func (k *Keys) verifyWith(key *key, token string) (verified, closing) {
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
		return verified{}, closeExpired()
	case err != nil:
		return verified{}, closeBadToken()
	case c.TokenType != nil && *c.TokenType != "access":
		return verified{}, closeBadToken()
	case k.maxLife > 0 && c.Expires.Sub(k.now()) > k.maxLife+clockSkew:
		return verified{}, closeBadToken()
	}
	user, err := order.ParseUserID(c.UserID)
	if err != nil {
		return verified{}, closeBadToken()
	}
	return verified{user: user, expires: c.Expires.Time, key: key}, noClosing()
}

// SignToken makes an access token as djangorestframework-simplejwt does, signed with HS256.
func SignToken(secret []byte, user order.UserID, expires time.Time) (string, error) {
	if err := checkSecret(secret); err != nil {
		return "", err
	}
	id, err := order.ParseUserID(string(user))
	if err != nil {
		return "", fmt.Errorf("sign token: user %w", err)
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
