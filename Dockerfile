# docker build -t iggyscope . && docker run --rm -i iggyscope - < capture.pcap
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npx -y deno@2.9.6 task npm

FROM node:24-slim
COPY --from=build /src/dist/npm /usr/lib/iggyscope
RUN ln -s ../lib/iggyscope/lib/main.js /usr/bin/iggyscope
USER node
WORKDIR /captures
ENTRYPOINT ["iggyscope"]
