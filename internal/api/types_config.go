package api

// Configuration is how a node is set up.
type Configuration struct {
	File      string    `json:"file" example:"/etc/cordon/cordon.yaml" doc:"The configuration file; empty: the server was started without one."`
	YAML      string    `json:"yaml" doc:"What is in force, as cordon.yaml would say it. Secrets are references such as file:PATH, or [redacted]."`
	Live      []string  `json:"live" nullable:"false" example:"[\"leak\"]" doc:"The keys, or sections, that a reload puts into force. All others are read at the start only."`
	Warnings  []string  `json:"warnings" nullable:"false" doc:"What works but should not stay so."`
	Retention Retention `json:"retention" doc:"How long rows are kept, in days; 0: for ever. The audit log is always kept."`
	Limits    Limits    `json:"limits" doc:"What one caller may ask for."`
}

// Retention is how long rows are kept, in days; 0 is for ever.
type Retention struct {
	Events     int `json:"events"`
	Findings   int `json:"findings"`
	Quarantine int `json:"quarantine"`
	Deliveries int `json:"deliveries"`
}

// Limits is what one caller of the API may ask for.
type Limits struct {
	RequestsPerSecond int `json:"requests_per_second" doc:"By a user or key if it is known, else by an address."`
	RequestBurst      int `json:"request_burst" doc:"How many of these may come at once."`
	RequestBytes      int `json:"request_bytes" doc:"Size of a request body; some operations on rules and events take more."`
	RequestSeconds    int `json:"request_seconds" doc:"Until a request is given up; verifying the audit log may take longer."`
	PageRows          int `json:"page_rows" doc:"Rows of one page of a list."`
}
