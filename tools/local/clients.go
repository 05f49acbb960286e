package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/invochain/invochain/shared/caller"
)

// clientsFile keeps the stack's own clients as JSON, by their variables in stack.env.
const clientsFile = "clients.json"

// clients are the ids and secrets of the stack's own clients, by variable. There is at most one
// for each role.
type clients map[string]string

type credential struct{ id, secret string }

// of returns the client of a role; nothing if there is none.
func (c clients) of(role caller.Role) credential {
	id, secret := variablesOf(role)
	return credential{c[id], c[secret]}
}

func (c clients) add(role caller.Role, added credential) {
	id, secret := variablesOf(role)
	c[id], c[secret] = added.id, added.secret
}

// variablesOf returns the variables of a role's client.
func variablesOf(role caller.Role) (id, secret string) {
	switch role {
	case demoAdminRole:
		return "INVOCHAIN_CLIENT_ID", "INVOCHAIN_CLIENT_SECRET"
	case caller.Operator:
		return "INVOCHAIN_OPERATOR_CLIENT_ID", "INVOCHAIN_OPERATOR_CLIENT_SECRET"
	default:
		name := "INVOCHAIN_" + strings.ToUpper(string(role)) + "_CLIENT"
		return name + "_ID", name + "_SECRET"
	}
}

// readClients reads the clients; none before they are created.
func (s *stack) readClients() (clients, error) {
	content, err := os.ReadFile(s.file(clientsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var c clients
	if err := json.Unmarshal(content, &c); err != nil {
		return nil, fmt.Errorf("%s is malformed; delete it and run make up: %w", clientsFile, err)
	}
	return c, nil
}

func (s *stack) writeClients(c clients) error {
	content, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return replaceFile(s.file(clientsFile), content)
}
