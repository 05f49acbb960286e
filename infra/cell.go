package main

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// cellOf returns the name of the cell that the app describes: one deployment of all stacks. Several
// cells fit one account and region, because each name that AWS accepts once there has the cell's name
// in it. The first cell has none.
func cellOf(app awscdk.App) string {
	name := setting(app, "cell", "")
	if !regexp.MustCompile(`^([a-z][a-z0-9]{0,11})?$`).MatchString(name) {
		panic("infra: cell must be a lowercase letter and up to 11 lowercase letters and digits")
	}
	return name
}

// inCell returns the name that a resource called name has in a cell.
func inCell(cell, name string) string {
	if cell == "" {
		return name
	}
	return name + "-" + cell
}
