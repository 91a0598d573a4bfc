package vemap

import (
	"context"

	api "loket/gen/vemap"
)

func (s *server) GetUsers(ctx context.Context, _ api.GetUsersRequestObject) (api.GetUsersResponseObject, error) {
	users, err := s.db.Users(ctx, actor(ctx))
	data := api.UsersData{Users: list(users, userToAPI)}
	return api.GetUsers200JSONResponse{Status: 200, Message: "Users fetched successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateUser(ctx context.Context, r api.CreateUserRequestObject) (api.CreateUserResponseObject, error) {
	user, err := s.db.CreateUser(ctx, actor(ctx), newUserFromAPI(r.Body))
	return api.CreateUser200JSONResponse{Status: 200, Message: "User created successfully", Data: createdUserToAPI(user), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) UpdateUser(ctx context.Context, r api.UpdateUserRequestObject) (api.UpdateUserResponseObject, error) {
	user, err := s.db.UpdateUser(ctx, actor(ctx), r.UserID, userChangeFromAPI(r.Body))
	return api.UpdateUser200JSONResponse{Status: 200, Message: "User updated successfully", Data: updatedUserToAPI(user), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) DeleteUser(ctx context.Context, r api.DeleteUserRequestObject) (api.DeleteUserResponseObject, error) {
	err := s.db.DeleteUser(ctx, actor(ctx), r.UserID)
	return api.DeleteUser200JSONResponse{Status: 200, Message: "User deleted successfully", RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) GetTenants(ctx context.Context, _ api.GetTenantsRequestObject) (api.GetTenantsResponseObject, error) {
	tenants, err := s.db.Tenants(ctx, actor(ctx))
	return api.GetTenants200JSONResponse{Status: 200, Message: "Tenants fetched successfully", Data: list(tenants, tenantToAPI), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateTenant(ctx context.Context, r api.CreateTenantRequestObject) (api.CreateTenantResponseObject, error) {
	tenant, err := s.db.CreateTenant(ctx, actor(ctx), newTenantFromAPI(r.Body))
	data := api.CreateTenantData{Tenant: createdTenantToAPI(ctx, tenant)}
	return api.CreateTenant201JSONResponse{Status: 201, Message: "Tenant created successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) DeleteTenant(ctx context.Context, r api.DeleteTenantRequestObject) (api.DeleteTenantResponseObject, error) {
	gone, err := s.db.DeleteTenant(ctx, actor(ctx), r.TargetTenantID)
	data := deletedTenantToAPI(r.TargetTenantID, gone)
	return api.DeleteTenant200JSONResponse{Status: 200, Message: "Tenant deleted successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}
