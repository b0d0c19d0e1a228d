# The image contains only the program: it has no shell and no packages to update, and
# it does not run as root.
#
#   docker build -t signup .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -X main.version=$VERSION" -o /out/signup ./cmd/signup && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/signup /usr/local/bin/
COPY --from=build --chown=65532:65532 /out/data /var/lib/signup
ENV PATH=/usr/local/bin SIGNUP_LISTEN=:8080 SIGNUP_DATABASE=sqlite:/var/lib/signup/signup.db
USER 65532:65532
WORKDIR /var/lib/signup
VOLUME /var/lib/signup
EXPOSE 8080
HEALTHCHECK --start-period=10s CMD ["signup", "healthcheck"]
ENTRYPOINT ["signup"]
CMD ["serve"]
