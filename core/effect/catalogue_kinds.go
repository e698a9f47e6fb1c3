package effect

var (
	_ Effect = (*RecordPut)(nil)
	_ Effect = (*RecordRevise)(nil)
	_ Effect = (*RecordClose)(nil)
	_ Effect = (*StageSet)(nil)
	_ Effect = (*MemberInvite)(nil)
	_ Effect = (*MemberAdd)(nil)
	_ Effect = (*MemberRemove)(nil)
	_ Effect = (*RoleGrant)(nil)
	_ Effect = (*RoleRevoke)(nil)
	_ Effect = (*GroupCreate)(nil)
	_ Effect = (*GroupMove)(nil)
	_ Effect = (*NetworkCreate)(nil)
	_ Effect = (*NetworkConvert)(nil)
	_ Effect = (*MeetingPropose)(nil)
	_ Effect = (*MeetingChange)(nil)
	_ Effect = (*TaskCreate)(nil)
	_ Effect = (*TaskAssign)(nil)
	_ Effect = (*TaskDecide)(nil)
	_ Effect = (*JobSchedule)(nil)
	_ Effect = (*JobCancel)(nil)
	_ Effect = (*TimerSet)(nil)
	_ Effect = (*TimerCancel)(nil)
	_ Effect = (*EvaluationOpen)(nil)
	_ Effect = (*EvaluationClose)(nil)
	_ Effect = (*DocumentSign)(nil)
	_ Effect = (*IndicatorAchieve)(nil)
	_ Effect = (*Escalate)(nil)
	_ Effect = (*Notify)(nil)
	_ Effect = (*AuditNote)(nil)
)

// Kind implements [Effect].
func (*RecordPut) Kind() Kind { return KindRecordPut }

// Target implements [Effect].
func (r *RecordPut) Target() Scope { return r.Scope }

// Kind implements [Effect].
func (*RecordRevise) Kind() Kind { return KindRecordRevise }

// Target implements [Effect].
func (r *RecordRevise) Target() Scope { return r.Scope }

// Kind implements [Effect].
func (*RecordClose) Kind() Kind { return KindRecordClose }

// Target implements [Effect].
func (r *RecordClose) Target() Scope { return r.Scope }

// Kind implements [Effect].
func (*StageSet) Kind() Kind { return KindStageSet }

// Target implements [Effect].
func (s *StageSet) Target() Scope { return s.Scope }

// Kind implements [Effect].
func (*MemberInvite) Kind() Kind { return KindMemberInvite }

// Target implements [Effect].
func (m *MemberInvite) Target() Scope { return m.Scope }

// Kind implements [Effect].
func (*MemberAdd) Kind() Kind { return KindMemberAdd }

// Target implements [Effect].
func (m *MemberAdd) Target() Scope { return m.Scope }

// Kind implements [Effect].
func (*MemberRemove) Kind() Kind { return KindMemberRemove }

// Target implements [Effect].
func (m *MemberRemove) Target() Scope { return m.Scope }

// Kind implements [Effect].
func (*RoleGrant) Kind() Kind { return KindRoleGrant }

// Target implements [Effect].
func (r *RoleGrant) Target() Scope { return r.Scope }

// Kind implements [Effect].
func (*RoleRevoke) Kind() Kind { return KindRoleRevoke }

// Target implements [Effect].
func (r *RoleRevoke) Target() Scope { return r.Scope }

// Kind implements [Effect].
func (*GroupCreate) Kind() Kind { return KindGroupCreate }

// Target implements [Effect].
func (g *GroupCreate) Target() Scope { return g.Scope }

// Kind implements [Effect].
func (*GroupMove) Kind() Kind { return KindGroupMove }

// Target implements [Effect].
func (g *GroupMove) Target() Scope { return g.Scope }

// Kind implements [Effect].
func (*NetworkCreate) Kind() Kind { return KindNetworkCreate }

// Target implements [Effect].
func (n *NetworkCreate) Target() Scope { return n.Scope }

// Kind implements [Effect].
func (*NetworkConvert) Kind() Kind { return KindNetworkConvert }

// Target implements [Effect].
func (n *NetworkConvert) Target() Scope { return n.Scope }

// Kind implements [Effect].
func (*MeetingPropose) Kind() Kind { return KindMeetingPropose }

// Target implements [Effect].
func (m *MeetingPropose) Target() Scope { return m.Scope }

// Kind implements [Effect].
func (*MeetingChange) Kind() Kind { return KindMeetingChange }

// Target implements [Effect].
func (m *MeetingChange) Target() Scope { return m.Scope }

// Kind implements [Effect].
func (*TaskCreate) Kind() Kind { return KindTaskCreate }

// Target implements [Effect].
func (t *TaskCreate) Target() Scope { return t.Scope }

// Kind implements [Effect].
func (*TaskAssign) Kind() Kind { return KindTaskAssign }

// Target implements [Effect].
func (t *TaskAssign) Target() Scope { return t.Scope }

// Kind implements [Effect].
func (*TaskDecide) Kind() Kind { return KindTaskDecide }

// Target implements [Effect].
func (t *TaskDecide) Target() Scope { return t.Scope }

// Kind implements [Effect].
func (*JobSchedule) Kind() Kind { return KindJobSchedule }

// Target implements [Effect].
func (j *JobSchedule) Target() Scope { return j.Scope }

// Kind implements [Effect].
func (*JobCancel) Kind() Kind { return KindJobCancel }

// Target implements [Effect].
func (j *JobCancel) Target() Scope { return j.Scope }

// Kind implements [Effect].
func (*TimerSet) Kind() Kind { return KindTimerSet }

// Target implements [Effect].
func (t *TimerSet) Target() Scope { return t.Scope }

// Kind implements [Effect].
func (*TimerCancel) Kind() Kind { return KindTimerCancel }

// Target implements [Effect].
func (t *TimerCancel) Target() Scope { return t.Scope }

// Kind implements [Effect].
func (*EvaluationOpen) Kind() Kind { return KindEvaluationOpen }

// Target implements [Effect].
func (e *EvaluationOpen) Target() Scope { return e.Scope }

// Kind implements [Effect].
func (*EvaluationClose) Kind() Kind { return KindEvaluationClose }

// Target implements [Effect].
func (e *EvaluationClose) Target() Scope { return e.Scope }

// Kind implements [Effect].
func (*DocumentSign) Kind() Kind { return KindDocumentSign }

// Target implements [Effect].
func (d *DocumentSign) Target() Scope { return d.Scope }

// Kind implements [Effect].
func (*IndicatorAchieve) Kind() Kind { return KindIndicatorAchieve }

// Target implements [Effect].
func (i *IndicatorAchieve) Target() Scope { return i.Scope }

// Kind implements [Effect].
func (*Escalate) Kind() Kind { return KindEscalate }

// Target implements [Effect].
func (e *Escalate) Target() Scope { return e.Scope }

// Kind implements [Effect].
func (*Notify) Kind() Kind { return KindNotify }

// Target implements [Effect].
func (n *Notify) Target() Scope { return n.Scope }

// Kind implements [Effect].
func (*AuditNote) Kind() Kind { return KindAuditNote }

// Target implements [Effect].
func (a *AuditNote) Target() Scope { return a.Scope }
