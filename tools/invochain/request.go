package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/tools/functionlog"
)

// requestShape is the shape of a request id: it goes into a query of CloudWatch as it is.
var requestShape = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func parseRequest(id string) (command, error) {
	if !requestShape.MatchString(id) {
		return nil, errors.New("REQUEST= takes the request_id of an answer: letters, digits and hyphens")
	}
	return func(ctx context.Context, s *operations.System) error {
		path := os.Getenv("INVOCHAIN_FUNCTION_LOG")
		if path == "" {
			fmt.Print(logsInsights(id))
			return nil
		}
		return findRequest(ctx, s, path, id)
	}, nil
}

// findRequest prints what the functions logged of a request, and explains its sagas.
func findRequest(ctx context.Context, s *operations.System, path, id string) error {
	found, err := eventsOf(path, id)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("no function logged the request %s: the id is that of another stack, the gateway refused the "+
			"request, or the log was deleted", id)
	}
	var sagas []string
	for _, e := range found {
		fmt.Println(e)
		if sagaID := e.Value("saga_id"); sagaID != "" && !slices.Contains(sagas, sagaID) {
			sagas = append(sagas, sagaID)
		}
	}
	for _, sagaID := range sagas {
		fmt.Println()
		if err := findSaga(sagaID)(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// eventsOf returns the events of a log that have the request's id, or a trace of one that has.
func eventsOf(path, id string) ([]functionlog.Event, error) {
	traces := map[string]bool{}
	err := readLog(path, func(line string) {
		if strings.Contains(line, id) {
			if e, ok := functionlog.Parse(line); ok && e.Value("request_id") == id {
				traces[e.Value("trace_id")] = true
			}
		}
	})
	if err != nil || len(traces) == 0 {
		return nil, err
	}
	delete(traces, "")
	var found []functionlog.Event
	err = readLog(path, func(line string) {
		e, ok := functionlog.Parse(line)
		if ok && (e.Value("request_id") == id || traces[e.Value("trace_id")]) {
			found = append(found, e)
		}
	})
	return found, err
}

func readLog(path string, visit func(line string)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the functions' log: %w", err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadString('\n')
		visit(strings.TrimSuffix(line, "\n"))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// logsInsights returns how to find a request's lines on AWS.
func logsInsights(id string) string {
	query := "SOURCE logGroups(namePrefix: ['InvoChain-'])\n" +
		"    | fields @timestamp, @log, level, msg, code, status, error, saga_id, trace_id\n" +
		"    | filter request_id = '" + id + "'\n    | sort @timestamp"
	return "The functions' logs are in CloudWatch. Query them with Logs Insights (in its console choose the log groups\n" +
		"that begin with InvoChain-, and leave out the first line), then run\n" +
		"go run ./tools/invochain find -saga SAGA_ID\n\n" +
		"aws logs start-query --start-time $(date -d '1 day ago' +%s) --end-time $(date +%s) --query-string \"\n    " +
		query + "\"\n" +
		"aws logs get-query-results --query-id QUERY_ID\n"
}
