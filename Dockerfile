# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# From an archive, or a worktree whose repository is elsewhere, without the revision.
RUN git status >/dev/null 2>&1 || export GOFLAGS=-buildvcs=false; \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /kitchen ./cmd/kitchen

# Certificates and time zones, and nothing to break into. Runs as nobody in particular.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /kitchen /kitchen
ENV KITCHEN_LISTEN=:8080
EXPOSE 8080
ENTRYPOINT ["/kitchen"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/kitchen", "health"]
CMD ["serve"]
