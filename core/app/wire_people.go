package app

import (
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/task"
)

// personMovers move what only its owning room can.
func personMovers() []identity.Mover {
	return []identity.Mover{access.Merge, network.Merge, record.Merge, task.Merge, ballot.Merge}
}

// personReferences are the columns of all rooms that name a person, with what becomes
// of them when one account is merged into another. TestReferences compares them
// with the schema; who adds a column decides here. Foreign keys are not all: the
// last ones name a person without one.
func personReferences() []identity.Reference {
	const (
		move, once, stay, shed = identity.Move, identity.Once, identity.Stay, identity.Shed
	)
	return []identity.Reference{
		// Networks, groups, roles.
		{Table: "membership", Column: "person_id", Rule: identity.Own, Key: []string{"network_id"}, Thing: "membership"},
		{Table: "role_grant", Column: "person_id", Rule: identity.Own, Key: []string{"role", "scope_kind", "scope_id"}, Where: "x.valid_to IS NULL", Thing: "role"},
		{Table: "role_grant", Column: "instead_of", Rule: identity.Own},
		{Table: "role_grant", Column: "given_by", Rule: move},
		{Table: "group_member", Column: "person_id", Rule: once, Key: []string{"group_id", "role"}, Where: "x.until IS NULL", Keep: []string{"since"}, Thing: "group"},
		{Table: "group_member", Column: "person_id", Rule: move, Where: "x.until IS NOT NULL"},
		{Table: "network", Column: "founded_by", Rule: move},
		{Table: "programme_network", Column: "asked_by", Rule: move},
		{Table: "programme_network", Column: "decided_by", Rule: move},
		{Table: "programme_network", Column: "left_by", Rule: move},
		{Table: "network_invitation", Column: "invited_by", Rule: move},
		{Table: "network_invitation", Column: "person_id", Rule: once, Key: []string{"network_id"}, Where: "x.withdrawn_at IS NULL", Thing: "invitation"},
		{Table: "network_invitation", Column: "person_id", Rule: move, Where: "x.withdrawn_at IS NOT NULL"},
		{Table: "group_invitation", Column: "invited_by", Rule: move},
		{Table: "proposal", Column: "author_id", Rule: move, Thing: "proposal"},
		{Table: "proposal_vote", Column: "person_id", Rule: once, Key: []string{"proposal_id"},
			Settled: "EXISTS (SELECT 1 FROM proposal p WHERE p.id = x.proposal_id AND p.state <> 'open')", Thing: "vote"},
		{Table: "agenda_item", Column: "leader_id", Rule: move},
		// A handover between the two accounts would be one to oneself: it is history.
		{Table: "handover", Column: "from_id", Rule: move, Where: "x.to_id IS NULL OR x.to_id NOT IN ($1, $2)"},
		{Table: "handover", Column: "to_id", Rule: move, Where: "x.from_id NOT IN ($1, $2)"},
		{Table: "handover_item", Column: "done_by", Rule: move},

		// Tasks and records.
		{Table: "task", Column: "assigned_by", Rule: move},
		{Table: "task", Column: "assignee_id", Rule: once, Key: []string{"parent_id"}, Where: "x.assignee_kind = 'person'", Settled: "true", Thing: "task"},
		{Table: "task_submission", Column: "submitted_by", Rule: move, Thing: "submission"},
		{Table: "task_author", Column: "person_id", Rule: once, Key: []string{"submission_id"}},
		{Table: "task_decision", Column: "decided_by", Rule: move},
		{Table: "record", Column: "person_id", Rule: move, Thing: "record"},
		{Table: "record", Column: "author_id", Rule: move},
		{Table: "record_version", Column: "author_id", Rule: move},
		{Table: "indicator_achievement", Column: "achieved_by", Rule: move},
		{Table: "file", Column: "owner_id", Rule: move, Thing: "file"},

		// Meetings and dates.
		{Table: "meeting", Column: "created_by", Rule: move},
		{Table: "meeting_item", Column: "leader_id", Rule: move},
		{Table: "meeting_answer", Column: "person_id", Rule: once, Key: []string{"meeting_id"}, Thing: "meeting"},
		{Table: "meeting_attendance", Column: "person_id", Rule: once, Key: []string{"meeting_id"}, Thing: "attendance"},
		{Table: "meeting_attendance", Column: "marked_by", Rule: move},
		{Table: "meeting_code_try", Column: "person_id", Rule: shed},
		{Table: "meeting_delivery", Column: "person_id", Rule: once, Key: []string{"meeting_id", "no"}},
		{Table: "action_item", Column: "owner_id", Rule: move, Thing: "action"},
		{Table: "action_item", Column: "done_by", Rule: move},
		{Table: "poll", Column: "created_by", Rule: move},
		{Table: "poll_answer", Column: "person_id", Rule: once, Key: []string{"slot_id"}},
		{Table: "poll_conflict", Column: "person_id", Rule: once, Key: []string{"poll_id", "state"}, Where: "x.state = 'open'"},
		{Table: "poll_conflict", Column: "person_id", Rule: move, Where: "x.state <> 'open'"},
		{Table: "poll_conflict", Column: "settled_by", Rule: move},
		{Table: "calendar_feed", Column: "person_id", Rule: shed},
		{Table: "school_break", Column: "saved_by", Rule: move},

		// Talk.
		{Table: "board_topic", Column: "created_by", Rule: move},
		{Table: "board_thread", Column: "author_id", Rule: move, Thing: "thread"},
		{Table: "board_thread", Column: "last_author_id", Rule: move},
		{Table: "board_thread", Column: "shared_by", Rule: move},
		{Table: "board_post", Column: "author_id", Rule: move, Thing: "post"},
		{Table: "board_mark", Column: "person_id", Rule: once, Key: []string{"thread_id"}, Loose: true},
		{Table: "board_follow", Column: "person_id", Rule: once, Key: []string{"network_id"}, Loose: true},
		// Who judges is not who hid: the two accounts may have been both.
		{Table: "board_hiding", Column: "by_id", Rule: stay},
		{Table: "board_hiding", Column: "decided_by", Rule: stay},
		{Table: "board_report", Column: "reporter_id", Rule: once, Key: []string{"post_id", "outcome"}, Where: "x.outcome = ''"},
		{Table: "board_report", Column: "reporter_id", Rule: move, Where: "x.outcome <> ''"},
		{Table: "board_report", Column: "handled_by", Rule: move},
		{Table: "conversation", Column: "created_by", Rule: move},
		{Table: "conversation_member", Column: "person_id", Rule: once, Key: []string{"conversation_id"}, Keep: []string{"joined_at"}, Thing: "conversation"},
		{Table: "conversation_message", Column: "author_id", Rule: move, Thing: "message"},
		{Table: "conversation_report", Column: "reporter_id", Rule: once, Key: []string{"conversation_id", "seq"}, Settled: "true"},
		{Table: "conversation_report", Column: "author_id", Rule: move},
		{Table: "conversation_report", Column: "handled_by", Rule: move},

		// Library, evaluation, elections, consents.
		{Table: "resource", Column: "created_by", Rule: move, Thing: "resource"},
		{Table: "resource", Column: "asked_by", Rule: move},
		{Table: "resource", Column: "decided_by", Rule: move},
		{Table: "resource_version", Column: "created_by", Rule: move},
		{Table: "resource_use", Column: "used_by", Rule: move},
		{Table: "resource_useful", Column: "person_id", Rule: once, Key: []string{"resource_id"}},
		{Table: "dissemination", Column: "created_by", Rule: move},
		{Table: "evaluation_round", Column: "created_by", Rule: move},
		{Table: "ballot_voter", Column: "person_id", Rule: identity.Own},
		{Table: "election", Column: "opened_by", Rule: move},
		{Table: "election", Column: "decided_by", Rule: move},
		// Sealed answers name candidates: what was stood for and won stays as it was.
		{Table: "election", Column: "winner_id", Rule: stay},
		{Table: "election_candidate", Column: "person_id", Rule: stay},
		{Table: "contract_signature", Column: "person_id", Rule: once, Key: []string{"record_id", "version"}, Settled: "true", Thing: "signature"},
		{Table: "image_consent", Column: "person_id", Rule: move, Thing: "consent"},

		// Needs, programmes, oversight, copies.
		{Table: "need", Column: "reported_by", Rule: move, Thing: "need"},
		{Table: "need_plan", Column: "made_by", Rule: move},
		{Table: "programme_project", Column: "changed_by", Rule: move},
		{Table: "programme_rule", Column: "set_by", Rule: move},
		{Table: "network_direction", Column: "tagged_by", Rule: move},
		{Table: "network_direction", Column: "untagged_by", Rule: move},
		{Table: "policy_direction", Column: "added_by", Rule: move},
		{Table: "programme_deliverable_item", Column: "added_by", Rule: move},
		{Table: "network_export", Column: "person_id", Rule: once, Key: []string{"network_id", "kind", "state"}, Where: "x.state = 'waiting'", Settled: "true"},
		{Table: "network_export", Column: "person_id", Rule: move, Where: "x.state <> 'waiting'"},
		{Table: "year_report", Column: "asked_by", Rule: move},

		// Letters and settings.
		{Table: "notification", Column: "person_id", Rule: once, Key: []string{"once"}, Where: "x.once <> ''", Loose: true, Thing: "notification"},
		{Table: "notification", Column: "person_id", Rule: move, Where: "x.once = ''", Loose: true},
		{Table: "mail_outbox", Column: "person_id", Rule: once, Key: []string{"once"}, Where: "x.once <> ''", Loose: true},
		{Table: "mail_outbox", Column: "person_id", Rule: move, Where: "x.once = ''", Loose: true},
		{Table: "notify_setting", Column: "person_id", Rule: once, Loose: true},
		{Table: "notify_network", Column: "person_id", Rule: once, Key: []string{"network_id"}, Loose: true},

		// The account itself: who signs in with what is never mixed.
		{Table: "person", Column: "confirmed_by", Rule: move},
		{Table: "person", Column: "merged_into", Rule: identity.Own},
		{Table: "session", Column: "person_id", Rule: shed},
		{Table: "api_token", Column: "person_id", Rule: shed},
		{Table: "mail_link", Column: "person_id", Rule: shed},
		{Table: "totp", Column: "person_id", Rule: shed},
		{Table: "recovery_code", Column: "person_id", Rule: shed},
		{Table: "passkey", Column: "person_id", Rule: shed},
		{Table: "passkey_challenge", Column: "person_id", Rule: shed},
		{Table: "provider_link", Column: "person_id", Rule: identity.Own}, // in core/identity itself
		{Table: "sign_in", Column: "person_id", Rule: stay},
		{Table: "person_import", Column: "by_id", Rule: move},
		{Table: "person_import", Column: "acted_by", Rule: move},
		{Table: "person_invitation", Column: "invited_by", Rule: move},
		{Table: "person_invitation", Column: "person_id", Rule: move},

		// Without a foreign key.
		{Table: "draft", Column: "person_id", Rule: once, Key: []string{"form", "subject"}, Loose: true, Thing: "draft"},
		{Table: "idempotency_key", Column: "person_id", Rule: stay, Loose: true},
		{Table: "registry_import", Column: "by_id", Rule: move},
		{Table: "registry_import", Column: "acted_by", Rule: move},
		{Table: "module", Column: "changed_by", Rule: move},
		{Table: "module_grant", Column: "granted_by", Rule: move},
		{Table: "module_key", Column: "added_by", Rule: move},
		{Table: "module_key", Column: "revoked_by", Rule: move},
		{Table: "module_bundle", Column: "added_by", Rule: move},
		{Table: "module_config", Column: "changed_by", Rule: move},
		{Table: "module_centre", Column: "added_by", Rule: move},
		{Table: "effect_decision", Column: "actor_id", Rule: stay},
		{Table: "effect_recheck", Column: "actor_id", Rule: stay},
		{Table: "audit_event", Column: "actor_id", Rule: stay, Loose: true},
	}
}
