# The image of a silo. Builds for the platform that runs the build, whatever the image's own is: the code is the same for all.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg REVISION=$(git rev-parse HEAD) -t registry.example.com/infra-operator:0.1.0 --push .

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json ./
COPY src/ src/
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Silo/Silo.csproj --configuration Release --arch "$TARGETARCH" --no-self-contained \
      -p:UseAppHost=false -p:RunAnalyzers=false -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false --output /app

# No shell, no package manager, and no ICU: the build sets InvariantGlobalization.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
ARG VERSION=0.1.0
ARG REVISION=""
ARG CREATED=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="infra-operator" \
      org.opencontainers.image.description="A Kubernetes control plane for AWS ECR" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled"

# The runtime's diagnostics would write to /tmp, and nothing is written at all. The port is Http:Port's to choose, not the base image's.
ENV DOTNET_EnableDiagnostics=0 \
    ASPNETCORE_HTTP_PORTS=""

WORKDIR /app
COPY --from=build /app ./
EXPOSE 8080 11111
USER 65532:65532
ENTRYPOINT ["dotnet", "InfraOperator.Silo.dll"]
