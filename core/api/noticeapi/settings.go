package noticeapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/notify"
)

type networkSetting struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	Title     string    `json:"title,omitempty" readOnly:"true"`
	Frequency string    `json:"frequency" enum:"digest,immediate,none"`
}

type settings struct {
	Digest    string           `json:"digest" enum:"daily,weekly,none" doc:"When the digest comes: at 7:00 every day or on Monday, never in quiet time."`
	QuietFrom int              `json:"quiet_from" minimum:"16" maximum:"24" doc:"Hour of Europe/Warsaw; 24 is midnight."`
	QuietTo   int              `json:"quiet_to" minimum:"0" maximum:"12"`
	FreeDays  bool             `json:"free_days" doc:"No letters on weekends, public holidays and in the winter break of region."`
	Region    string           `json:"region" maxLength:"2" doc:"TERYT code of a voivodeship, or empty."`
	Version   int              `json:"version" minimum:"0" doc:"What was read; 409 when it was changed since."`
	Networks  []networkSetting `json:"networks" maxItems:"200"`
}

type settingsOut struct{ Body settings }

type settingsIn struct{ Body settings }

type stopIn struct {
	Body struct {
		Token string `json:"token" maxLength:"100" doc:"The last part of a stop link."`
	}
}

func registerSettings(a *kit.API, s *notify.Service) {
	kit.Register(a, kit.Op{ID: "getNotificationSettings", Method: "GET", Path: "/notifications/settings", Perm: notify.Self, Summary: "Read how one wants to be written to."},
		func(ctx context.Context, _ *struct{}) (*settingsOut, error) {
			in, err := s.Settings(ctx, access.From(ctx))
			if err != nil {
				return nil, err
			}
			out := settings{string(in.Digest), in.QuietFrom, in.QuietTo, in.FreeDays, in.Region, in.Version, []networkSetting{}}
			for _, n := range in.Networks {
				out.Networks = append(out.Networks, networkSetting{n.ID, n.Title, string(n.Frequency)})
			}
			return &settingsOut{out}, nil
		})
	kit.Register(a, kit.Op{ID: "saveNotificationSettings", Method: "PUT", Path: "/notifications/settings", Perm: notify.Self, Status: 204,
		Summary: "Change how one wants to be written to."},
		func(ctx context.Context, in *settingsIn) (*kit.None, error) {
			b := in.Body
			save := notify.Settings{Digest: notify.Rhythm(b.Digest), QuietFrom: b.QuietFrom, QuietTo: b.QuietTo, FreeDays: b.FreeDays, Region: b.Region, Version: b.Version}
			for _, n := range b.Networks {
				save.Networks = append(save.Networks, notify.NetworkSetting{ID: n.ID, Frequency: notify.Frequency(n.Frequency)})
			}
			return nil, s.SaveSettings(ctx, access.From(ctx), save)
		})
	kit.Register(a, kit.Op{ID: "stopNotifications", Method: "POST", Path: "/notifications/stop", Perm: "page:read", Status: 204,
		Summary: "Stop letters by the token of a stop link (RFC 8058)."},
		func(ctx context.Context, in *stopIn) (*kit.None, error) {
			_, err := s.Stop(ctx, in.Body.Token)
			return nil, err
		})
}
