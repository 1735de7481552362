// build.mjs makes this module of world-atlas, which is Natural Earth: the outline of these islands and no other country.
declare module "islands" {
  const outline: GeoJSON.FeatureCollection;
  export default outline;
}

// A style sheet that the bundler writes beside the script.
declare module "*.css";
