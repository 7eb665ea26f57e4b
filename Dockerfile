# The server in an image of its own: compiled, without development packages, as a user without rights.
# Not run by our tests: see docs/README.md.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.base.json tsconfig.build.json ./
COPY packages ./packages
COPY scripts ./scripts
COPY docs/openapi.json ./docs/openapi.json
# The web interface shows the verifying code of examples/.
COPY examples ./examples
# Optional packages hold the engine's binary, so they stay; what is only for development goes before the next stage.
RUN npm ci --no-audit --no-fund \
  && PATH="/app/node_modules/.bin:$PATH" node --conditions=flowhook-source scripts/build.ts \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node packages/*/src packages/*/test

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3005 FLOWHOOK_DATA_DIR=/data
WORKDIR /app
# Walls around queries; docs/operations.md says what a container must be allowed for them.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap && rm -rf /var/lib/apt/lists/*
RUN mkdir /data && chown node:node /data && chmod 700 /data
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
USER node
VOLUME /data
EXPOSE 3005
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1: it gets SIGTERM itself and stops in order. `docker run --init` (compose: init) reaps its children.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "packages/server/dist/main.js"]
CMD ["serve"]
