package vemap

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	api "loket/gen/vemap"
	"loket/handlers/auth"
	"loket/store/vemap"
)

func (s *server) Login(ctx context.Context, _ api.LoginRequestObject) (api.LoginResponseObject, error) {
	c, _ := auth.From(ctx).Value.(credentials)
	l, err := s.db.Login(ctx, c.email, c.password)
	if l.Session != "" {
		data := api.ChallengeData{ChallengeName: newPasswordRequired, Session: l.Session}
		return api.Login302JSONResponse{Status: 302, Message: "Challenge response required", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
	}
	return api.Login200JSONResponse{Status: 200, Message: "Login successful", Data: loginToAPI(ctx, l), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) Challenge(ctx context.Context, r api.ChallengeRequestObject) (api.ChallengeResponseObject, error) {
	session, _ := auth.From(ctx).Value.(bearer)
	l, err := s.db.Answer(ctx, string(session), r.Body.Username, r.Body.NewPassword)
	data := api.ChallengeLoginData{AuthenticationResult: tokensToAPI(l), Tenants: tenantsToAPI(l.Tenants)}
	return api.Challenge200JSONResponse{Status: 200, Message: "Challenge login successful", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) Refresh(ctx context.Context, _ api.RefreshRequestObject) (api.RefreshResponseObject, error) {
	token, _ := auth.From(ctx).Value.(bearer)
	l, err := s.db.Refresh(ctx, string(token))
	return api.Refresh200JSONResponse{Status: 200, Message: "Refresh token successful", Data: loginToAPI(ctx, l), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) Logout(ctx context.Context, _ api.LogoutRequestObject) (api.LogoutResponseObject, error) {
	account, _ := auth.From(ctx).Value.(vemap.Account)
	err := s.db.Logout(ctx, account)
	return api.Logout200JSONResponse{Status: 200, Message: "Logout successful", RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) ForgotPassword(ctx context.Context, r api.ForgotPasswordRequestObject) (api.ForgotPasswordResponseObject, error) {
	const message = "Forgot password successful - email sent, redirecting to confirmation page"
	err := s.db.ForgotPassword(ctx, r.Body.Username)
	data := api.ForgotPasswordData{Success: true, Message: message}
	return api.ForgotPassword302JSONResponse{Status: 302, Message: message, Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) ResetPassword(ctx context.Context, r api.ResetPasswordRequestObject) (api.ResetPasswordResponseObject, error) {
	const message = "Reset password successful - password updated, redirecting to login page"
	err := s.db.ResetPassword(ctx, r.Body.Username, r.Body.ConfirmationCode, r.Body.Password)
	data := api.ResetPasswordData{Success: true, Message: message}
	return api.ResetPassword302JSONResponse{Status: 302, Message: message, Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

// challengeHTTP200 sends the answers of the page that are 302 with HTTP status
// 200 instead (I1). They are no longer those of the document then.
func challengeHTTP200(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, in any) (any, error) {
		out, err := next(c, in)
		switch out.(type) {
		case api.Login302JSONResponse, api.ForgotPassword302JSONResponse, api.ResetPassword302JSONResponse:
			return as200{out}, err
		}
		return out, err
	}
}

type as200 struct{ body any }

func (a as200) write(w http.ResponseWriter) error {
	w.Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	return json.NewEncoder(w).Encode(a.body)
}

func (a as200) VisitLoginResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a as200) VisitForgotPasswordResponse(w http.ResponseWriter) error { return a.write(w) }
func (a as200) VisitResetPasswordResponse(w http.ResponseWriter) error  { return a.write(w) }
