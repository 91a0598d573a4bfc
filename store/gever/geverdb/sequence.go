package geverdb

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// subtasks are those of a task in their order, but what is trashed; locked.
func subtasks(tx *gorm.DB, task int64) (rows []objectRow, states []string, err error) {
	err = store.Lock(tx).Where("parent_id = ? AND type = ? AND "+untrashed, task, gever.TaskType).Order("position").Find(&rows).Error
	for i := range rows {
		states = append(states, rows[i].State)
	}
	return rows, states, store.Translate(err)
}

// queue gives a new subtask of a sequential task its place and its first state;
// elsewhere a wanted position is a key without effect.
func (d *DB) queue(tx *gorm.DB, s *spot, draft *gever.Draft, row *objectRow) error {
	wanted, given := wholeOf(draft.Values["position"])
	delete(draft.Values, "position")
	if row.Type != gever.TaskType || !gever.Sequential(s.kind(), s.mine()) {
		if given {
			draft.Ignored = append(draft.Ignored, "position")
		}
		return nil
	}
	rows, states, err := subtasks(tx, s.self().ID)
	if err != nil {
		return err
	}
	place := &wanted
	if !given {
		place = nil
	}
	var at int
	if at, row.State = gever.PlaceInLine(states, place); at == len(rows) {
		return nil
	}
	row.Position = rows[at].Position
	err = tx.Exec("UPDATE gever_objects SET position = position + 1 WHERE parent_id = ? AND position >= ? AND "+untrashed, s.self().ID, row.Position).Error
	return store.Translate(err)
}

// goOn opens the next subtask of a sequential task when what happened to one of
// them lets it begin.
func (d *DB) goOn(tx *gorm.DB, s *spot) error {
	above := len(s.chain) - 2
	if s.kind().Name != gever.TaskType || above < 0 || !gever.Sequential(gever.TypeOf(s.chain[above].Type), s.values[above]) || !gever.Passed([]string{s.self().State}) {
		return nil
	}
	rows, states, err := subtasks(tx, s.chain[above].ID)
	if err != nil {
		return err
	}
	if next := gever.NextInLine(states); next >= 0 {
		_, err = d.move(tx, s.user, &rows[next], gever.PlannedOpen, "")
	}
	return err
}

// inLine tells of subtasks of sequential tasks which of them have others
// behind them: one query for any number of them, none where there are none.
func (d *DB) inLine(tx *gorm.DB, views []*View) error {
	line := map[int64][]*View{} // by the task that they are parts of
	for _, v := range views {
		if p := v.Parent(); p != nil && v.Type.Name == gever.TaskType && gever.Sequential(p.Type, p.Values) {
			line[p.IntID] = append(line[p.IntID], v)
		}
	}
	if len(line) == 0 {
		return nil
	}
	var last []struct{ ParentID, Position int64 }
	err := tx.Model(&objectRow{}).Where("parent_id IN ? AND type = ? AND "+untrashed, slices.Collect(maps.Keys(line)), gever.TaskType).
		Select("parent_id, max(position) AS position").Group("parent_id").Scan(&last).Error
	for _, l := range last {
		for _, v := range line[l.ParentID] {
			v.Succeeded = v.Position < l.Position
		}
	}
	return store.Translate(err)
}
