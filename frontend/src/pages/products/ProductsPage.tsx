import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, type Product } from "../../api/client";
import { PageHeading } from "../../shell/PageHeading";
import { formatPrice } from "../../ui/format";
import { Loaded } from "../../ui/Loaded";
import { EmptyState } from "../../ui/States";
import "./products.css";

export function ProductsPage() {
  const products = useInfiniteQuery({
    queryKey: ["products"],
    queryFn: ({ pageParam }) => api.products(pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_after,
  });
  return (
    <>
      <PageHeading title="Products" lead="Small, well-made things for the journey." />
      <Loaded query={products} what="The products" skeletons={6}>
        {({ pages }) => <ProductGrid products={pages.flatMap(({ items }) => items)} />}
      </Loaded>
      {products.hasNextPage && (
        <button
          type="button"
          className="button products-more"
          disabled={products.isFetchingNextPage}
          onClick={() => void products.fetchNextPage()}
        >
          {products.isFetchingNextPage ? "Loading…" : "Show more products"}
        </button>
      )}
    </>
  );
}

function ProductGrid({ products }: { products: Product[] }) {
  if (products.length === 0) return <EmptyState title="The shelves are empty." />;
  return (
    <ul className="product-grid">
      {products.map((product) => (
        <li key={product.id}>
          <ProductCard product={product} />
        </li>
      ))}
    </ul>
  );
}

function ProductCard({ product }: { product: Product }) {
  const cover = product.images[0];
  return (
    <article className="card product-card">
      {cover && <img src={cover.url} alt="" width={480} height={360} loading="lazy" />}
      <div className="product-card-text">
        <h2>
          {/* The link covers the whole card; its name stays short. */}
          <Link href={`/products/${product.id}`}>{product.name}</Link>
        </h2>
        <p className="muted">{product.description}</p>
        <p className="product-card-foot">
          <strong>{formatPrice(product.price_cents, product.currency)}</strong>
          <span className="muted">
            {product.images.length} {product.images.length === 1 ? "picture" : "pictures"}
          </span>
        </p>
      </div>
    </article>
  );
}
