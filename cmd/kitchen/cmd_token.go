package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

func tokenCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "token USERNAME|USER-ID", Short: "print a signed token for a user",
		Long: `A display shows it when it connects. Needs the secret that the nodes verify with: KITCHEN_JWT_SECRET, or, without
DATABASE_URL, the one that the private database's directory keeps. Standard output has the token and nothing else; a link
that opens the user's board, or the pick-up screen of a user of the role screen, comes on standard error; for owners and managers
one that opens the set-up of stations, too.`,
	}, action{
		settings: append(shared("database-url", "data-dir", "jwt-secret", "url"), definition{
			flag: "for", unit: "DURATION", value: "12h", about: "How long the token is good for, like 30m or 12h.", set: setDuration}),
		missing: "say for whom",
		check:   checkToken,
		run:     runToken,
	})
}

func checkToken(s *settings, _ []string) (problems []string) {
	if s.db.URL != "" && s.keyring.Secret == "" {
		problems = append(problems, "DATABASE_URL is set and no secret is: set KITCHEN_JWT_SECRET to the one that the nodes verify with")
	}
	return problems
}

// runToken prints a token and nothing else on standard output, and a link to the user's board on standard error. For an id of
// nobody it makes one with a warning, since that user may be added later.
func runToken(ctx context.Context, p *program) (err error) {
	id := order.UserID(p.args[0])
	_, noID := order.UUID.Parse(p.args[0])
	byID := noID == nil
	user, err := database.FindUser(ctx, p.db, p.args[0])
	switch {
	case errors.Is(err, order.ErrNotFound) && !byID:
		return fmt.Errorf("there is no user %q: `kitchen user list` shows them; on another program's tables, `select id, name, role from kitchen.users` does", p.args[0])
	case errors.Is(err, order.ErrNotFound):
		fmt.Fprintf(p.stderr, "warning: there is no user %s: displays with this token will be refused\n", id)
	case err != nil && !byID:
		return err
	case err != nil:
		fmt.Fprintf(p.stderr, "warning: whether user %s exists is not known: %v\n", id, err)
	case !user.Active:
		fmt.Fprintf(p.stderr, "warning: user %s is not active: displays with this token will be refused\n", text.Clean(user.Username))
	}
	if err == nil {
		id = user.ID
	}

	secret, err := p.signingSecret()
	if err != nil {
		return err
	}
	token, err := credential.SignToken([]byte(secret), id, time.Now().Add(p.duration))
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, token)
	if user.Restaurant != "" {
		printLinks(p, user, token)
	}
	return nil
}

// printLinks prints what the user of a token may open with it.
func printLinks(p *program, user order.User, token string) {
	what, path := "board", "kitchen"
	if user.Role == order.ScreenRole {
		what, path = "pick-up screen", "pickup"
	}
	at := strings.Replace(p.url, "ws", "http", 1)
	fmt.Fprintf(p.stderr, "%s: %s/%s/%s#token=%s\n", what, at, path, user.Restaurant, token)
	if credential.MaySetUp(user.Role) {
		fmt.Fprintf(p.stderr, "stations: %s/kitchen/%s/stations#token=%s\npair screens: %s/pair\n", at, user.Restaurant, token, at)
	}
}
