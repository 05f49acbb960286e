package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/deployment"
)

// refusalLog is the variable that names the file in which the emulator lists what it refused.
const refusalLog = "INVOCHAIN_REFUSAL_LOG"

// outputs returns the outputs of the deployed stacks by their environment variable. It
// returns an error that names every missing output.
func (s *stack) outputs() (map[string]string, error) {
	b, err := os.ReadFile(s.file("outputs.json"))
	if err != nil {
		return nil, err
	}
	var stacks map[string]map[string]string
	if err := json.Unmarshal(b, &stacks); err != nil {
		return nil, err
	}
	byName := map[string]string{}
	for _, outputs := range stacks {
		maps.Copy(byName, outputs)
	}
	byVariable, missing := map[string]string{}, []string{}
	for _, o := range deployment.Outputs() {
		if byName[o.Name] == "" {
			missing = append(missing, o.Name)
		}
		byVariable[o.Variable] = byName[o.Name]
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the stacks have no output %s", strings.Join(missing, ", "))
	}
	return byVariable, nil
}

// writeEnv writes stack.env, which contains the addresses and names of a running stack. The
// file is replaced atomically.
func (s *stack) writeEnv(outputs map[string]string, gatewayPort int) error {
	kept, err := s.readClients()
	if err != nil {
		return err
	}
	lines := append(append(s.awsEnv(), envLines(outputs)...), envLines(kept)...)
	lines = append(lines, fmt.Sprintf("API_URL=http://localhost:%d", gatewayPort),
		"INVOCHAIN_FUNCTION_LOG="+s.file("functions.log"))
	if s.emulator.enforcesIAM {
		lines = append(lines, refusalLog+"="+s.file("refusals.log"))
	}
	if _, running := s.programs.Running("faults"); running {
		lines = append(lines, "INVOCHAIN_FAULTS_URL="+s.faultsURL())
	}
	slices.Sort(lines)
	return replaceFile(s.file("stack.env"), []byte(strings.Join(lines, "\n")+"\n"))
}

// replaceFile writes a file that only its owner may read. A crash leaves the former file.
func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// envLines returns variables as KEY=VALUE.
func envLines(variables map[string]string) []string {
	lines := make([]string, 0, len(variables))
	for name, value := range variables {
		lines = append(lines, name+"="+value)
	}
	return lines
}

// readEnv reads a file of KEY=VALUE lines.
func readEnv(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for line := range strings.Lines(string(b)) {
		k, v, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found {
			return nil, fmt.Errorf("%s has a line without =", path)
		}
		env[k] = v
	}
	return env, nil
}
