package api

import "time"

// Block is an entry of the block list.
type Block struct {
	ID        string     `json:"id" format:"uuid"`
	Network   string     `json:"network" example:"203.0.113.9" doc:"An address, or a network with its length."`
	Origin    string     `json:"origin" enum:"person,playbook" doc:"What put it on the list."`
	By        string     `json:"by" example:"ada" doc:"The user, API key or playbook."`
	EventID   string     `json:"event_id" doc:"The event that a playbook answered; empty: a person asked for it."`
	Reason    string     `json:"reason"`
	Active    bool       `json:"active" doc:"It is in force now."`
	Spared    string     `json:"spared" doc:"Why it is not given out to firewalls for the moment, such as that an operator came from there; empty: it is."`
	CreatedAt time.Time  `json:"created_at"`
	Until     time.Time  `json:"until" doc:"When it ends by itself."`
	EndedAt   *time.Time `json:"ended_at" doc:"When it was ended early; null: it was not."`
	EndedBy   string     `json:"ended_by" doc:"Who ended it early; empty: nobody did."`
}

// BlockPage is a page of the block list.
type BlockPage struct {
	Items      []Block `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// BlockRequest puts something on the block list.
type BlockRequest struct {
	Network string `json:"network" minLength:"2" maxLength:"64" example:"203.0.113.9" doc:"An address, or a network: of IPv4 a /16 at most, of IPv6 a /32."`
	Minutes int    `json:"minutes" minimum:"1" maximum:"525600" example:"1440" doc:"How long, at most 365 days."`
	Reason  string `json:"reason" minLength:"1" maxLength:"2000" example:"guesses passwords" doc:"Why; it is told with the entry."`
}

// BlockEnd says why an entry is ended.
type BlockEnd struct {
	Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why; it is told, and kept in the audit log."`
}
