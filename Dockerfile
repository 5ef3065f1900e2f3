# One image for every process; docker-compose.yml says which one a container runs.
FROM node:26-slim AS build
WORKDIR /fanfare
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:26-slim
WORKDIR /fanfare
# Stack traces name the sources, not the one file that an app is built into.
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
COPY --from=build --chown=node:node /fanfare /fanfare
USER node
CMD ["node", "apps/api/dist/main.js"]
